package io.retort.simd;

/** How an input of an {@link ElementChain} is spread over its {@code [rows, columns]}. */
public enum Spread {
    /** {@code [rows, columns]}: a value for each element. */
    FULL,
    /** {@code [rows, 1]}: one for each row. */
    ROW,
    /** {@code [columns]}: one for each column. */
    COLUMN,
    /** {@code [1]}: one for all. */
    SCALAR
}
