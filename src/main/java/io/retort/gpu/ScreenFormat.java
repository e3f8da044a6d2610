package io.retort.gpu;

/** What a card reads of the rows to find those that may be among the best. Hits and scores are the same with all. */
public enum ScreenFormat {
    /** Whole numbers of 8 bits, with a certified bound: a quarter of the bytes, for rows as encoders make them. */
    INT8(1, "int8", 5),
    /** IEEE 754 binary16, with a bound that is far tighter: half of the bytes, whatever the rows. */
    FLOAT16(2, "float16", 2),
    /** The rows themselves. Nothing is prepared; batches of queries are slow. */
    FLOAT32(4, "float32", 1);

    private final int bytes;
    private final String suffix;
    private final int slack;

    ScreenFormat(int bytes, String suffix, int slack) {
        this.bytes = bytes;
        this.suffix = suffix;
        this.slack = slack;
    }

    /** Bytes of a code. */
    int bytes() {
        return bytes;
    }

    /** Whether rows are turned into codes, rather than read as they are. */
    boolean isCoded() {
        return this != FLOAT32;
    }

    /** The ending of its kernels' names. */
    String suffix() {
        return suffix;
    }

    /** About how many rows reach the k-th best score by their bound, for each that does. */
    int slack() {
        return slack;
    }
}
