package io.retort.search;

/** How vectors are stored. The order of the constants is part of the file format. */
public enum VectorFormat {
    /** IEEE 754 binary32. */
    F32(4);

    private final int bytes;

    VectorFormat(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one dim of one row. */
    public int bytes() {
        return bytes;
    }
}
