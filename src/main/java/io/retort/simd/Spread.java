package io.retort.simd;

/** How an input of an {@link ElementChain} is spread over its {@code [rows, columns]}. */
public enum Spread {
    /** {@code [rows, columns]}: a value for each element. */
    FULL,
    /** {@code [rows, 1]}: a value for each row. */
    ROW,
    /** {@code [columns]}: a value for each column. */
    COLUMN,
    /** {@code [1]}: a single value for all elements. */
    SCALAR
}
