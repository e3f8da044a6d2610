package io.retort.tensor;

/**
 * Rounds floats to the 16-bit types as IEEE 754 asks: to nearest, ties to even. NaN stays NaN, and what is too large
 * becomes infinite.
 */
final class Rounding {
    private static final int QUIET_BIT = 0x0040;
    private static final int HALF_ULP = 0x7FFF;

    private Rounding() {}

    static short toBFloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        // A NaN whose payload is in the lower bits alone must not become an infinity.
        if (Float.isNaN(value)) return (short) (bits >>> 16 | QUIET_BIT);
        int odd = bits >>> 16 & 1;
        return (short) (bits + HALF_ULP + odd >>> 16);
    }

    static short toFloat16(float value) {
        return Float.floatToFloat16(value);
    }

    static float fromBFloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /**
     * Returns a float that rounds to 16 bits as {@code value} itself would: inexact results are made odd ("round to
     * odd"), which no tie of the shorter types is. Rounding to the nearest float instead would round twice, and some
     * values the wrong way.
     */
    static float toOddFloat(double value) {
        float nearest = (float) value;
        boolean exact = nearest == value || Double.isNaN(value);
        boolean odd = (Float.floatToRawIntBits(nearest) & 1) == 1;
        if (exact || odd || Float.isInfinite(nearest)) return nearest;
        return nearest < value ? Math.nextUp(nearest) : Math.nextDown(nearest);
    }
}
