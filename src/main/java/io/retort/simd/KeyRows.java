package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * Keys, or values, of one head: those of a cache, then those of this run.
 *
 * @param past  {@code [slots, dim]}, null for no cache
 * @param fresh {@code [rows, dim]}
 */
public record KeyRows(Matrix past, Matrix fresh) {
    private int slots() {
        return past == null ? 0 : past.rows();
    }

    /** Those that a group sees, in order, {@code [keys, dim]}: where they are if they are one run, else copied. */
    Matrix of(RowGroup group, Scratch.Buffer copies) {
        int runs = group.starts().length;
        if (runs == 1) {
            int start = group.starts()[0], end = group.ends()[0];
            if (end <= slots()) return past.rows(start, end);
            if (start >= slots()) return fresh.rows(start - slots(), end - slots());
        }
        int dim = fresh.columns(), row = 0;
        MemorySegment to = copies.atLeast(4L * group.keys() * dim);
        for (int run = 0; run < runs; run++) {
            for (int key = group.starts()[run]; key < group.ends()[run]; key++) copy(key, to, 4L * dim * row++);
        }
        return Matrix.of(to, group.keys(), dim);
    }

    private void copy(int key, MemorySegment to, long at) {
        Matrix from = key < slots() ? past : fresh;
        int row = key < slots() ? key : key - slots();
        if (from.columnStride() == 1) {
            MemorySegment.copy(from.memory(), from.offset(row, 0), to, at, 4L * from.columns());
            return;
        }
        for (int j = 0; j < from.columns(); j++) to.set(Matrix.FLOAT, at + 4L * j, from.get(row, j));
    }
}
