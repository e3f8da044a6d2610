package io.retort.gpu;

/**
 * Values of one scale as codes, as {@code prepare.cuh} makes them: {@code scale * code} and a rest, of which only the
 * length is kept. A code has 8 or 16 bits, {@value ScanShape#CHUNK} bytes of them make a chunk.
 */
final class ScalarCodes {
    /** Values below this, in absolute terms, have no codes but zeros: products of two scales must not vanish. */
    private static final float LEAST = 0x1p-100f;
    /** Above all that sums in double, a root and two roundings to float can lose. */
    private static final double UP = 1 + 0x1p-19;

    private ScalarCodes() {
    }

    /** A float at or above the length, and above it by 2^-20 of it at least. */
    static float up(double length) {
        return Math.nextUp((float) (length * UP));
    }

    /**
     * What a code of 1 is worth where the largest value is this. Whole numbers of 8 bits reach up to 127. For binary16
     * it is a power of two, so that nothing but the code is rounded, and codes stay below 2^11: far from overflow,
     * whatever the sum, and with room below for small values.
     *
     * @return 0 or a normal number
     */
    static float scaleOf(ScreenFormat format, float largest) {
        if (!(largest >= LEAST)) return 0;
        if (format == ScreenFormat.FLOAT16) return Math.scalb(1f, Math.getExponent(largest) - 10);
        return largest * (1.0f / 127) * (1 + 0x1p-22f);
    }

    /**
     * Makes a chunk.
     *
     * @param x     of which values {@code [from, from + n)} are taken, and zeros for the rest of the chunk
     * @param codes receives the bytes from {@code to} on
     * @return the sum of the squares of what the codes leave
     */
    static double encode(ScreenFormat format, float[] x, int from, int n, float scale, byte[] codes, int to) {
        double inverse = scale == 0 ? 0 : 1.0 / scale, squares = 0;
        for (int i = 0; i < ScanShape.CHUNK / format.bytes(); i++) {
            double value = i < n ? x[from + i] : 0, worth;
            if (format == ScreenFormat.FLOAT16) {
                short code = Float.floatToFloat16((float) (value * inverse));
                worth = Float.float16ToFloat(code);
                codes[to + 2 * i] = (byte) code;
                codes[to + 2 * i + 1] = (byte) (code >> 8);
            } else {
                worth = Math.clamp(Math.rint(value * inverse), -127.0, 127.0);
                codes[to + i] = (byte) worth;
            }
            double left = value - worth * scale;
            squares += left * left;
        }
        return squares;
    }

    /** Adds the products of two chunks of whole numbers; exact. */
    static int addWhole(int sum, byte[] x, int atX, byte[] y, int atY) {
        for (int i = 0; i < ScanShape.CHUNK; i++) sum += x[atX + i] * y[atY + i];
        return sum;
    }

    /** Adds the products of two chunks of binary16, each rounded; {@code streamRows} takes them in this order. */
    static float addHalves(float sum, byte[] x, int atX, byte[] y, int atY) {
        for (int i = 0; i < ScanShape.CHUNK; i += 2) sum = Math.fma(half(x, atX + i), half(y, atY + i), sum);
        return sum;
    }

    /** The binary16 number at a place. */
    static float half(byte[] codes, int at) {
        return Float.float16ToFloat((short) (codes[at] & 0xff | codes[at + 1] << 8));
    }
}
