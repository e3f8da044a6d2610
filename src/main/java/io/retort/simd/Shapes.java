package io.retort.simd;

import java.util.Objects;

/** Checks of arguments, once a call, so that inner loops need none. */
final class Shapes {
    private Shapes() {
    }

    /** Refuses ranges and shapes that would read or write out of bounds. */
    static void check(Rows rows, int first, int count, float[] query, float[] scores) {
        Objects.checkFromIndexSize(first, count, rows.count());
        if (query.length != rows.dims()) {
            throw new IllegalArgumentException("query of " + query.length + " dims, rows of " + rows.dims());
        }
        if (scores.length < count) throw new IllegalArgumentException("room for " + scores.length + " of " + count);
    }

    /** {@link #check(Rows, int, int, float[], float[])} for each query of a batch. */
    static void check(Rows rows, int first, int count, float[][] queries, float[][] scores) {
        if (scores.length < queries.length) {
            throw new IllegalArgumentException("room for " + scores.length + " of " + queries.length + " queries");
        }
        for (int i = 0; i < queries.length; i++) check(rows, first, count, queries[i], scores[i]);
    }
}
