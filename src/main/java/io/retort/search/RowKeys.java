package io.retort.search;

/** By what rows are told apart outside the file. The order of the constants is part of the file format. */
public enum RowKeys {
    /** The row's number, counted from 0. */
    ROW_NUMBER
}
