package io.retort.gpu;

import io.retort.simd.Rows;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Vectors that a search by bounds and with little room could be wrong on. None is longer than 1e18. */
enum ScanData {
    /** Numbers of ordinary size. */
    RANDOM,
    /** Around a few rows, closer together than codes of 8 bits tell apart. */
    CLUSTERED,
    /** One row many times over. */
    ALL_EQUAL,
    /** A few rows, repeated. */
    DUPLICATES,
    /** Small whole numbers: few scores, each many times. */
    FEW_SCORES,
    /** One row, changed in the last bit here and there. */
    NEARLY_EQUAL,
    /** Each row better than the one before, for a query like them: every threshold comes too early. */
    RISING,
    /** Each row worse. */
    FALLING,
    /** All zeros but a few. */
    ZEROS,
    /** Rows of length 1e18, 1e-30 and subnormal ones, mixed within a tile. */
    HUGE_AND_TINY,
    /** Powers of two between the smallest float and what an index may hold, of either sign, and zeros. */
    EVERY_MAGNITUDE,
    /** One number a row, as long as may be or hardly there. */
    SPIKES,
    /** All numbers of a row the same: codes are as large as can be, and so are their products. */
    LARGEST_CODES,
    /** Numbers of one sign that binary16 holds: sums grow, and with them what is cut off of the products. */
    POSITIVE,
    /** Products of scales that are no normal floats, dot products of codes that are large. */
    UNDERFLOWING;

    private static final double LONGEST = 9e17;

    float[][] vectors(SplittableRandom random, int count, int dims) {
        float[][] vectors = new float[count][];
        float[] one = gaussian(random, dims, 1);
        double tiny = Math.scalb(1.0, random.nextInt(-80, -50));
        for (int r = 0; r < count; r++) {
            vectors[r] = switch (this) {
                case RANDOM -> gaussian(random, dims, 1);
                case CLUSTERED -> changed(r < 5 ? gaussian(random, dims, 1) : vectors[r % 5], random, 1e-4f);
                case ALL_EQUAL -> one.clone();
                case DUPLICATES -> r < 7 ? gaussian(random, dims, 1) : vectors[random.nextInt(7)];
                case FEW_SCORES -> whole(random, dims);
                case NEARLY_EQUAL -> changed(one, random, Math.ulp(1f));
                case RISING -> scaled(one, 1 + r);
                case FALLING -> scaled(one, count - r);
                case ZEROS -> random.nextInt(50) == 0 ? gaussian(random, dims, 1) : new float[dims];
                case HUGE_AND_TINY -> gaussian(random, dims, new double[]{1e17, 1e-30, 1e-40}[random.nextInt(3)]);
                case EVERY_MAGNITUDE -> everyMagnitude(random, dims);
                case SPIKES -> spike(random, dims);
                case LARGEST_CODES -> constant(random.nextInt(-3, 4) * (1 - 0x1p-24), dims);
                case POSITIVE -> positive(random, dims);
                case UNDERFLOWING -> constant(tiny * (1 + random.nextDouble()), dims);
            };
            shorten(vectors[r]);
        }
        return vectors;
    }

    static Rows rows(float[][] vectors) {
        int dims = vectors[0].length;
        float[] all = new float[vectors.length * dims];
        for (int r = 0; r < vectors.length; r++) System.arraycopy(vectors[r], 0, all, r * dims, dims);
        return new Rows(MemorySegment.ofArray(all), vectors.length, dims);
    }

    private static float[] gaussian(SplittableRandom random, int dims, double size) {
        float[] vector = new float[dims];
        for (int i = 0; i < dims; i++) vector[i] = (float) (size * random.nextGaussian());
        return vector;
    }

    private static float[] changed(float[] one, SplittableRandom random, float by) {
        float[] vector = one.clone();
        for (int i = 0; i < vector.length; i++) vector[i] *= 1 + by * random.nextInt(-1, 2);
        return vector;
    }

    private static float[] whole(SplittableRandom random, int dims) {
        float[] vector = new float[dims];
        for (int i = 0; i < dims; i++) vector[i] = random.nextInt(-1, 2);
        return vector;
    }

    private static float[] scaled(float[] one, int by) {
        float[] vector = one.clone();
        for (int i = 0; i < vector.length; i++) vector[i] *= by;
        return vector;
    }

    /** Each vector has its own range of magnitudes, as one alone would decide all scores. */
    private static float[] everyMagnitude(SplittableRandom random, int dims) {
        float[] vector = new float[dims];
        int highest = random.nextInt(-149, 54), range = random.nextInt(1, 30);
        for (int i = 0; i < dims; i++) {
            double power = Math.scalb(1.0, highest - random.nextInt(range));
            vector[i] = random.nextInt(5) == 0 ? 0 : (float) (random.nextBoolean() ? power : -power);
        }
        return vector;
    }

    private static float[] spike(SplittableRandom random, int dims) {
        float[] vector = new float[dims], heights = {1, -1, 9e17f, -9e17f, Float.MIN_VALUE, Float.MIN_NORMAL, 1e-30f};
        vector[random.nextInt(dims)] = heights[random.nextInt(heights.length)];
        return vector;
    }

    private static float[] positive(SplittableRandom random, int dims) {
        float[] vector = new float[dims];
        for (int i = 0; i < dims; i++) vector[i] = 1 + random.nextInt(1024) / 1024f;
        return vector;
    }

    private static float[] constant(double value, int dims) {
        float[] vector = new float[dims];
        Arrays.fill(vector, (float) value);
        return vector;
    }

    private static void shorten(float[] vector) {
        double length = ScalarRows.length(vector);
        if (length <= LONGEST) return;
        for (int i = 0; i < vector.length; i++) vector[i] = (float) (vector[i] * (LONGEST / length));
    }
}
