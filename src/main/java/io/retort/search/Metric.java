package io.retort.search;

/** How the score of a query and a row is computed from their vectors. */
public enum Metric {
    /** The inner product of the vectors as they come. */
    INNER_PRODUCT(0),
    /** The cosine: rows are scaled to length 1 when written, queries when searched. */
    COSINE(1);

    private final int code;

    Metric(int code) {
        this.code = code;
    }

    /** The metric's number in the file format, which never changes. */
    int code() {
        return code;
    }
}
