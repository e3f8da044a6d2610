package io.retort.search;

/** The number formats in which an index can store vectors. */
public enum VectorFormat {
    /** Each number is an IEEE 754 binary32 of four bytes. */
    F32(0, 4);

    private final int code;
    private final int bytes;

    VectorFormat(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** The format's number in an index file, which never changes. */
    int code() {
        return code;
    }

    /** Number of bytes that one dimension of one row takes. */
    public int bytes() {
        return bytes;
    }
}
