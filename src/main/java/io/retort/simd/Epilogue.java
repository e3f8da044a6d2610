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
    /** The product as it is. */
    public static final Epilogue NONE = new Epilogue(1, null, null, Activation.NONE);

    public Epilogue {
        Objects.requireNonNull(activation);
    }

    /** {@link #NONE} with a factor. */
    public static Epilogue scaled(float scale) {
        return new Epilogue(scale, null, null, Activation.NONE);
    }

    /** {@link #NONE} with a bias. */
    public static Epilogue bias(MemorySegment bias) {
        return new Epilogue(1, bias, null, Activation.NONE);
    }

    /** {@link #NONE} with an addend. */
    public static Epilogue addend(Matrix addend) {
        return new Epilogue(1, null, addend, Activation.NONE);
    }

    /** This with a scale. */
    public Epilogue withScale(float scale) {
        return new Epilogue(scale, bias, addend, activation);
    }

    /** This with a bias. */
    public Epilogue withBias(MemorySegment bias) {
        return new Epilogue(scale, bias, addend, activation);
    }

    /** This with an addend. */
    public Epilogue withAddend(Matrix addend) {
        return new Epilogue(scale, bias, addend, activation);
    }

    /** This with an activation. */
    public Epilogue withActivation(Activation activation) {
        return new Epilogue(scale, bias, addend, activation);
    }

    /** The stored value of element (i, j) with this sum. */
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
