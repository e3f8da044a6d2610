package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * What is done to a product before it is stored: {@code C = activation(scale (A B) + bias + addend)}.
 *
 * @param scale      factor of the product
 * @param bias       {@code [columns]} from the start of this memory, off the heap, added to each row, or null
 * @param addend     of the shape of C, or null; may be C itself, which so accumulates
 * @param activation applied last
 */
public record Epilogue(float scale, MemorySegment bias, Matrix addend, Activation activation) {
    /** The epilogue that stores the product as it is. */
    public static final Epilogue NONE = new Epilogue(1, null, null, Activation.NONE);

    public Epilogue {
        Objects.requireNonNull(activation);
    }

    /** An epilogue that only multiplies the product by a factor. */
    public static Epilogue scaled(float scale) {
        return new Epilogue(scale, null, null, Activation.NONE);
    }

    /** An epilogue that only adds a bias. */
    public static Epilogue bias(MemorySegment bias) {
        return new Epilogue(1, bias, null, Activation.NONE);
    }

    /** An epilogue that only adds a matrix. */
    public static Epilogue addend(Matrix addend) {
        return new Epilogue(1, null, addend, Activation.NONE);
    }

    /** This epilogue with another scale. */
    public Epilogue withScale(float scale) {
        return new Epilogue(scale, bias, addend, activation);
    }

    /** This epilogue with another bias. */
    public Epilogue withBias(MemorySegment bias) {
        return new Epilogue(scale, bias, addend, activation);
    }

    /** This epilogue with another addend. */
    public Epilogue withAddend(Matrix addend) {
        return new Epilogue(scale, bias, addend, activation);
    }

    /** This epilogue with another activation. */
    public Epilogue withActivation(Activation activation) {
        return new Epilogue(scale, bias, addend, activation);
    }

    /** What this does to columns {@code [from, to)} of a product, as columns {@code [0, to - from)}. */
    Epilogue columns(int from, int to) {
        if (bias == null && addend == null) return this;
        return new Epilogue(scale, bias == null ? null : bias.asSlice(4L * from, 4L * (to - from)),
                addend == null ? null : addend.columns(from, to), activation);
    }

    /** The value that is stored for element (i, j) of the product, given its sum. */
    float apply(float sum, int i, int j) {
        float value = sum * scale;
        if (bias != null) value += bias.get(Matrix.FLOAT, 4L * j);
        if (addend != null) value += addend.get(i, j);
        return activation.of(value);
    }

    /** Refuses what does not fit a product [rows, columns]. */
    void check(int rows, int columns) {
        if (bias != null && bias.byteSize() < 4L * columns) {
            throw new IllegalArgumentException("bias of " + bias.byteSize() + " bytes, " + columns + " columns");
        }
        if (addend != null && (addend.rows() != rows || addend.columns() != columns)) {
            throw new IllegalArgumentException(
                    "addend " + addend.rows() + " x " + addend.columns() + ", product " + rows + " x " + columns);
        }
    }
}
