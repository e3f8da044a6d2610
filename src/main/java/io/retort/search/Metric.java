package io.retort.search;

/** What a score is. The order of the constants is part of the file format. */
public enum Metric {
    /** The product of the vectors as they come. */
    INNER_PRODUCT,
    /** The cosine: rows are scaled to length 1 when written, queries when searched. */
    COSINE
}
