package io.retort.search;

/** How rows of an index are named outside the file. */
public enum RowKeys {
    /** The row's number, counted from 0. */
    ROW_NUMBER(0);

    private final int code;

    RowKeys(int code) {
        this.code = code;
    }

    /** The kind's number in the file format, which never changes. */
    int code() {
        return code;
    }
}
