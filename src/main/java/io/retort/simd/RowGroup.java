package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * Neighbouring rows of queries of which each sees what the one before it sees, and perhaps more after that: a prompt,
 * a candidate, a token that is decoded. Their keys stand in one order, of which each row sees a first part.
 *
 * @param fromRow first row
 * @param starts  first key of each run of keys
 * @param ends    the key after each run; runs ascend
 * @param seen    for each row how many keys it sees, ascending; the last one sees all
 * @param mask    {@code [rows, keys]}, what is added to logits, or null for nothing
 */
record RowGroup(int fromRow, int[] starts, int[] ends, int[] seen, MemorySegment mask) {
    int rows() {
        return seen.length;
    }

    /** Number of keys of all runs, which the last row of the group sees. */
    int keys() {
        return seen[seen.length - 1];
    }

    /** The addends {@code [keys]} of the logits of a row of the group; null for nothing. */
    MemorySegment mask(int row) {
        return mask == null ? null : mask.asSlice(4L * keys() * row, 4L * seen[row]);
    }
}
