package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The forms in which {@link Rows} are stored. Whatever the form, a row stands for float32 values, which this class says
 * how to compute; its scores are those of these values, bit for bit, so that a search is exact with respect to what is
 * stored.
 */
public enum RowFormat {
    /** Each number is an IEEE 754 binary32: a row takes 4 bytes a dim. */
    F32 {
        @Override
        public long stride(int dims) {
            return (long) Float.BYTES * dims;
        }

        @Override
        void read(MemorySegment data, long at, float[] values, int dims) {
            MemorySegment.copy(data, Matrix.FLOAT, at, values, 0, dims);
        }

        @Override
        public void write(float[] vector, MemorySegment data, long at) {
            MemorySegment.copy(vector, 0, data, Matrix.FLOAT, at, vector.length);
        }
    },
    /**
     * Each number is an IEEE 754 binary16, rounded to nearest: 2 bytes a dim, 11 bits of precision. Infinite numbers and
     * NaN are not stored; their codes stand for what the formula makes of them, numbers of 65536 and more.
     */
    F16 {
        @Override
        public long stride(int dims) {
            return (long) Short.BYTES * dims;
        }

        @Override
        void read(MemorySegment data, long at, float[] values, int dims) {
            for (int i = 0; i < dims; i++) {
                values[i] = half(data, at + 2L * i);
            }
        }

        @Override
        public void write(float[] vector, MemorySegment data, long at) {
            for (int i = 0; i < vector.length; i++) data.set(SHORT, at + 2L * i, Float.floatToFloat16(vector[i]));
        }

        @Override
        public String problem(float[] vector) {
            for (int i = 0; i < vector.length; i++) {
                if (Math.abs(vector[i]) >= MOST_HALF) {
                    return "is " + vector[i] + " in dim " + i + ", which a row of f16 does not hold";
                }
            }
            return null;
        }
    },
    /**
     * A row is a scale, of 4 bytes, and a whole number from -127 to 127 for each dim, of one byte: it stands for their
     * products with the scale, each rounded to float32. The scale is the row's greatest number / 127, or 0 where that is
     * no normal number.
     */
    INT8 {
        @Override
        public long stride(int dims) {
            return SCALE_BYTES + dims;
        }

        @Override
        void read(MemorySegment data, long at, float[] values, int dims) {
            float scale = data.get(Matrix.FLOAT, at);
            for (int i = 0; i < dims; i++) values[i] = scale * data.get(ValueLayout.JAVA_BYTE, at + SCALE_BYTES + i);
        }

        @Override
        public void write(float[] vector, MemorySegment data, long at) {
            float largest = 0;
            for (float value : vector) largest = Math.max(largest, Math.abs(value));
            float scale = largest / LARGEST_CODE;
            boolean isZero = scale < Float.MIN_NORMAL;
            data.set(Matrix.FLOAT, at, isZero ? 0 : scale);
            for (int i = 0; i < vector.length; i++) {
                data.set(ValueLayout.JAVA_BYTE, at + SCALE_BYTES + i,
                        (byte) (isZero ? 0 : Math.rint((double) vector[i] / scale)));
            }
        }
    };

    /** The least number that, rounded to binary16, is infinite. */
    private static final float MOST_HALF = 65520;
    /** Brings the exponent of a binary16 to where a float32 has its own. */
    static final int HALF_SHIFT = 13;
    /** The bits of a binary16, sign-extended, that count once it is shifted so. */
    static final int HALF_BITS = 0x8fffe000;
    /** What a binary16 whose bits are a float32's is to be multiplied by, which is exact. */
    static final float HALF = 0x1p112f;
    /** Bytes of the scale before the codes of an {@link #INT8} row. */
    static final int SCALE_BYTES = Float.BYTES;
    private static final float LARGEST_CODE = 127;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The float that a binary16 at a byte offset stands for. */
    static float half(MemorySegment data, long at) {
        return Float.intBitsToFloat(data.get(SHORT, at) << HALF_SHIFT & HALF_BITS) * HALF;
    }

    /** Bytes of a row of so many dims. */
    public abstract long stride(int dims);

    /** Computes the values that the row at a byte offset stands for. */
    abstract void read(MemorySegment data, long at, float[] values, int dims);

    /** Stores a vector for which there is no {@link #problem} as the row at a byte offset. */
    public abstract void write(float[] vector, MemorySegment data, long at);

    /** Says what keeps a vector of finite numbers from being stored in this form, or null if nothing does. */
    public String problem(float[] vector) {
        return null;
    }

    /** The values that a vector stands for once it is stored. */
    public float[] stored(float[] vector) {
        if (this == F32) return vector;
        byte[] row = new byte[Math.toIntExact(stride(vector.length))];
        MemorySegment data = MemorySegment.ofArray(row);
        write(vector, data, 0);
        float[] stored = new float[vector.length];
        read(data, 0, stored, stored.length);
        return stored;
    }
}
