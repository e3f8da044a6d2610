package io.retort.search;

/** What a score is. */
public enum Metric {
    /** The product of the vectors as they come. */
    INNER_PRODUCT(0),
    /** The cosine: rows are scaled to length 1 when written, queries when searched. */
    COSINE(1);

    private final int code;

    Metric(int code) {
        this.code = code;
    }

    /** Its number in the file format, which never changes. */
    int code() {
        return code;
    }
}
