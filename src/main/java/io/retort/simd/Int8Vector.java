package io.retort.simd;

/**
 * A vector x as {@code scale * codes + e}: whole numbers of 7 bits and sign, and a residual of which only the length is
 * kept.
 *
 * <p>The codes of a chunk of {@value #CHUNK} dims are no longer than {@code sqrt(32767)}: the product of two such
 * chunks is at most 32767 by Cauchy and Schwarz, so that sums of 16 bits hold it, whatever wraps around on the way. The
 * scale is chosen for that: the chunk divided by it has at most length 175, and rounding to whole numbers adds at most
 * {@code sqrt(128) / 2 < 5.66}.
 *
 * @param codes one a dim, padded with a zero to an even number
 * @param scale 0 or a normal number
 * @param error at least the length of e, and above it by 2^-19 at least
 * @param norm  at least the length of x, and above it by 2^-19 at least
 */
record Int8Vector(byte[] codes, float scale, float error, float norm) {
    /** Dims whose product with another vector's fits into 16 bits. */
    static final int CHUNK = 128;
    private static final double CHUNK_LENGTH = 175;
    private static final double LARGEST = 127;
    /** Above all that sums of 65536 doubles, a root and the bound's own two roundings to float can lose. */
    private static final double UP = 1 + 0x1p-19;

    /** Quantises a vector of finite values, no longer than 1e18. */
    static Int8Vector of(float[] x) {
        double longest = 0, squares = 0, largest = 0;
        for (int from = 0; from < x.length; from += CHUNK) {
            int to = Math.min(from + CHUNK, x.length);
            double chunk = squares(x, from, to);
            longest = Math.max(longest, chunk);
            squares += chunk;
        }
        for (float value : x) largest = Math.max(largest, Math.abs(value));
        float scale = (float) Math.max(Math.sqrt(longest) / CHUNK_LENGTH, largest / LARGEST);
        byte[] codes = new byte[(x.length + 1) / 2 * 2];
        if (scale < Float.MIN_NORMAL) return new Int8Vector(codes, 0, up(squares), up(squares));
        return new Int8Vector(codes, scale, up(round(x, scale, codes)), up(squares));
    }

    /** The sum of squares of some elements, in four running sums, as an addition waits for the one before it. */
    private static double squares(float[] x, int from, int to) {
        double a = 0, b = 0, c = 0, d = 0;
        int i = from;
        for (; i <= to - 4; i += 4) {
            a += (double) x[i] * x[i];
            b += (double) x[i + 1] * x[i + 1];
            c += (double) x[i + 2] * x[i + 2];
            d += (double) x[i + 3] * x[i + 3];
        }
        for (; i < to; i++) a += (double) x[i] * x[i];
        return a + b + (c + d);
    }

    /** Writes the nearest codes and returns the sum of the residual's squares. */
    private static double round(float[] x, float scale, byte[] codes) {
        double inverse = 1.0 / scale;
        double even = 0, odd = 0;
        int i = 0;
        for (; i <= x.length - 2; i += 2) {
            double code0 = Math.rint(x[i] * inverse), code1 = Math.rint(x[i + 1] * inverse);
            codes[i] = (byte) code0;
            codes[i + 1] = (byte) code1;
            double e0 = x[i] - scale * code0, e1 = x[i + 1] - scale * code1;
            even += e0 * e0;
            odd += e1 * e1;
        }
        if (i < x.length) {
            double code = Math.rint(x[i] * inverse), e = x[i] - scale * code;
            codes[i] = (byte) code;
            even += e * e;
        }
        return even + odd;
    }

    private static float up(double squares) {
        return Math.nextUp((float) (Math.sqrt(squares) * UP));
    }
}
