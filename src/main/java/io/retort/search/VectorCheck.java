package io.retort.search;

/**
 * Which vectors are fit for search. Their length is bounded so that, by Cauchy and Schwarz, no product of two of them,
 * nor any sum on the way to it, can overflow: no score is ever infinite or NaN.
 */
final class VectorCheck {
    private static final double LONGEST = 1e18;

    private VectorCheck() {
    }

    /** The Euclidean length of a vector. */
    static double length(float[] vector) {
        double squares = 0;
        for (float x : vector) squares += (double) x * x;
        return Math.sqrt(squares);
    }

    /** Says what makes a vector unfit for an index of a metric, or null if nothing does. */
    static String problem(float[] vector, Metric metric) {
        double length = length(vector);
        if (length <= LONGEST) return length == 0 && metric == Metric.COSINE ? "is zero, which has no direction" : null;
        for (int i = 0; i < vector.length; i++) {
            if (!Float.isFinite(vector[i])) return "is " + vector[i] + " in dim " + i;
        }
        return "is longer than " + LONGEST;
    }

    /** The vector as it is searched with: itself, or scaled to length 1. */
    static float[] prepared(float[] vector, Metric metric) {
        if (metric == Metric.INNER_PRODUCT) return vector;
        double length = length(vector);
        float[] unit = new float[vector.length];
        for (int i = 0; i < unit.length; i++) unit[i] = (float) (vector[i] / length);
        return unit;
    }
}
