package io.retort.simd;

import java.util.Objects;

/**
 * Part of a product, or of a packing: rows {@code [fromRow, toRow)} and panels {@code [fromPanel, toPanel)} of columns.
 */
public record Block(int fromRow, int toRow, int fromPanel, int toPanel) {
    /** Refuses a block that is not inside a product of so many rows and panels. */
    void check(int rows, int panels) {
        Objects.checkFromToIndex(fromRow, toRow, rows);
        Objects.checkFromToIndex(fromPanel, toPanel, panels);
    }

    /** The block of the same rows and other panels. */
    Block panels(int from, int to) {
        return new Block(fromRow, toRow, from, to);
    }
}
