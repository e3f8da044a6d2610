package io.retort.search;

/** How vectors are stored. */
public enum VectorFormat {
    /** IEEE 754 binary32. */
    F32(0, 4);

    private final int code;
    private final int bytes;

    VectorFormat(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** Its number in the file format, which never changes. */
    int code() {
        return code;
    }

    /** Bytes of one dim of one row. */
    public int bytes() {
        return bytes;
    }
}
