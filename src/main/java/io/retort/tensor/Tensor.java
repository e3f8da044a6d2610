package io.retort.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The elements of a tensor in row-major order, with their shape. The bytes may be an array of this JVM, memory off the
 * heap, or a mapped file (then they are read-only and live as long as the file is open). Tensors are passed by
 * reference and treated as immutable by every room.
 */
public final class Tensor implements ParameterValue {
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ElementType type;
    private final Shape shape;
    private final MemorySegment data;

    /**
     * Creates a tensor over {@code data}, which is not copied.
     *
     * @throws IllegalArgumentException if {@code data} is not as long as type and shape say
     */
    public Tensor(ElementType type, Shape shape, MemorySegment data) {
        if (data.byteSize() != Math.multiplyExact(shape.size(), type.bytes())) {
            throw new IllegalArgumentException(data.byteSize() + " bytes for " + type + shape);
        }
        this.type = type;
        this.shape = shape;
        this.data = data;
    }

    /** Creates an F32 tensor over {@code values}, which is not copied. */
    public static Tensor of(float[] values, int... dims) {
        return new Tensor(ElementType.F32, Shape.of(dims), MemorySegment.ofArray(values));
    }

    /** Creates an F64 tensor over {@code values}, which is not copied. */
    public static Tensor of(double[] values, int... dims) {
        return new Tensor(ElementType.F64, Shape.of(dims), MemorySegment.ofArray(values));
    }

    public ElementType type() {
        return type;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    /** Returns this tensor. */
    @Override
    public Tensor plain() {
        return this;
    }

    @Override
    public Tensor rows(int from, int to) {
        Shape some = shape.rows(from, to);
        long row = (long) shape.dim(1) * type.bytes();
        return new Tensor(type, some, data.asSlice(from * row, (to - from) * row));
    }

    /** Returns the bytes of the elements. */
    public MemorySegment data() {
        return data;
    }

    /** Returns the same elements under another shape of equal size; they are not copied. */
    public Tensor reshape(int... dims) {
        return new Tensor(type, Shape.of(dims), data);
    }

    /**
     * Returns the elements as floats: F32 as they are, F16 and BF16 widened exactly, F64 rounded. The result is a copy,
     * except for an F32 tensor made with {@link #of(float[], int...)}, whose array is handed back.
     *
     * @throws IllegalStateException for integer types and for more elements than an array holds
     */
    public float[] toFloats() {
        if (type == ElementType.F32 && data.heapBase().orElse(null) instanceof float[] values
                && values.length == shape.size()) {
            return values;
        }
        float[] values = new float[arraySize()];
        switch (type) {
            case F32 -> MemorySegment.copy(data, FLOAT, 0, values, 0, values.length);
            case F64 -> {
                for (int i = 0; i < values.length; i++) values[i] = (float) data.getAtIndex(DOUBLE, i);
            }
            case F16 -> {
                for (int i = 0; i < values.length; i++) values[i] = Float.float16ToFloat(data.getAtIndex(SHORT, i));
            }
            case BF16 -> {
                for (int i = 0; i < values.length; i++)
                    values[i] = Rounding.fromBFloat16(data.getAtIndex(SHORT, i));
            }
            default -> throw new IllegalStateException(type + " is not a floating-point type");
        }
        return values;
    }

    /** Returns the elements as doubles, widened exactly, in a copy. */
    public double[] toDoubles() {
        double[] values = new double[arraySize()];
        if (type == ElementType.F64) {
            MemorySegment.copy(data, DOUBLE, 0, values, 0, values.length);
        } else {
            float[] floats = toFloats();
            for (int i = 0; i < values.length; i++) values[i] = floats[i];
        }
        return values;
    }

    /**
     * Returns the same elements as another floating-point type, rounded to nearest, ties to even; this tensor itself
     * where it is of that type.
     *
     * @throws IllegalStateException if either type is not a floating-point one
     */
    public Tensor to(ElementType floats) {
        if (floats == type) return this;
        return switch (floats) {
            case F64 -> new Tensor(floats, shape, MemorySegment.ofArray(toDoubles()));
            case F32 -> new Tensor(floats, shape, MemorySegment.ofArray(toFloats()));
            case F16, BF16 -> new Tensor(floats, shape, MemorySegment.ofArray(rounded(floats)));
            default -> throw new IllegalStateException(floats + " is not a floating-point type");
        };
    }

    private short[] rounded(ElementType half) {
        float[] values = type == ElementType.F64 ? oddFloats() : toFloats();
        short[] rounded = new short[values.length];
        if (half == ElementType.F16) {
            for (int i = 0; i < values.length; i++) rounded[i] = Rounding.toFloat16(values[i]);
        } else {
            for (int i = 0; i < values.length; i++) rounded[i] = Rounding.toBFloat16(values[i]);
        }
        return rounded;
    }

    private float[] oddFloats() {
        float[] values = new float[arraySize()];
        for (int i = 0; i < values.length; i++) values[i] = Rounding.toOddFloat(data.getAtIndex(DOUBLE, i));
        return values;
    }

    /**
     * Returns the matrix with rows and columns exchanged: {@code [m, n]} becomes {@code [n, m]}, in a copy.
     *
     * @throws IllegalStateException if the rank is not 2
     */
    public Tensor transposed() {
        return new Tensor(type, shape.transposed(), Transposition.of(this));
    }

    @Override
    public long firstNonFinite() {
        return NonFinite.first(this);
    }

    /**
     * Returns the number of elements as the size of an array.
     *
     * @throws IllegalStateException for more elements than an array holds
     */
    int arraySize() {
        if (shape.size() > Integer.MAX_VALUE - 8) throw new IllegalStateException(shape + " is larger than an array");
        return (int) shape.size();
    }

    @Override
    public String toString() {
        return type.toString() + shape;
    }
}
