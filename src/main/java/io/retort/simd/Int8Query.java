package io.retort.simd;

/** A query quantised to 8 bits, with which {@link Int8Rows} are screened. Immutable; any thread may use it. */
public final class Int8Query {
    private static final double UNIT = 0x1p-24;
    /** A factor above all that rounding takes from the sums and products of this class, in double precision. */
    private static final double UP = 1 + 0x1p-30;

    /** Codes of dims 2k (bits 0 to 15) and 2k + 1 (bits 16 to 31). */
    final int[] pairs;
    final float scale;
    /** What a unit of a row's error is worth in the bound of its score. */
    final float perError;
    /** What a unit of a row's norm is worth in the bound of its score. */
    final float perNorm;
    private final int dims;

    private Int8Query(int dims, Int8Vector vector) {
        this.dims = dims;
        this.pairs = new int[vector.codes().length / 2];
        for (int k = 0; k < pairs.length; k++) {
            pairs[k] = vector.codes()[2 * k] & 0xffff | vector.codes()[2 * k + 1] << 16;
        }
        double norm = vector.norm(), error = vector.error();
        double roundings = ((dims + 15) / 16 + 4) * UNIT;
        double gamma = roundings / (1 - roundings);
        this.scale = vector.scale();
        this.perError = up((norm + error) * (1 + UNIT));
        this.perNorm = up(error * (1 + UNIT) + norm * (gamma + UNIT));
    }

    /** Quantises a query of finite values, no longer than 1e18. */
    public static Int8Query of(float[] query) {
        return new Int8Query(query.length, Int8Vector.of(query));
    }

    /** Number of dims of the query. */
    public int dims() {
        return dims;
    }

    private static float up(double value) {
        return Math.nextUp((float) (value * UP));
    }
}
