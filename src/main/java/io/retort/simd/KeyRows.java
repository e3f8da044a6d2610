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

    /**
     * The keys that a group of query rows sees, in order, {@code [keys, dim]}: where they are if they are one run, else
     * copied.
     */
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

    /**
     * Packs the keys that a group of query rows sees as columns, {@code [dim, keys]}: whole panels whose keys lie
     * together from where they are, the others by way of a copy.
     */
    MemorySegment packedColumns(RowGroup group, MatrixKernels matrices, Scratch scratch) {
        int dim = fresh.columns(), width = matrices.panelColumns(), keys = group.keys();
        MemorySegment packed = scratch.right.atLeast(matrices.packedBytes(dim, keys));
        int run = 0, before = 0; // keys of the runs before this one
        for (int first = 0; first < keys; first += width) {
            while (first >= before + length(group, run)) before += length(group, run++);
            int count = Math.min(width, keys - first), start = group.starts()[run] + first - before;
            Matrix rows = count == width && together(group, run, start, count)
                    ? rows(start, count)
                    : copy(group, run, start, count, width, scratch.keyRows);
            matrices.pack(rows.transposed(), packed.asSlice(matrices.packedBytes(dim, first)), 0, 1);
        }
        return packed;
    }

    private static int length(RowGroup group, int run) {
        return group.ends()[run] - group.starts()[run];
    }

    /**
     * Whether {@code count} keys from {@code start} of a run on all lie in that run, and all or none of them in the
     * cache.
     */
    private boolean together(RowGroup group, int run, int start, int count) {
        int end = start + count;
        return end <= group.ends()[run] && (end <= slots() || start >= slots());
    }

    private Matrix rows(int start, int count) {
        return start < slots()
                ? past.rows(start, start + count)
                : fresh.rows(start - slots(), start - slots() + count);
    }

    /**
     * Copies some keys of a panel, with zeros for the missing ones: whole squares are transposed ten times as fast as
     * single elements.
     */
    private Matrix copy(RowGroup group, int run, int start, int count, int width, Scratch.Buffer copies) {
        int dim = fresh.columns();
        MemorySegment to = copies.atLeast(4L * width * dim);
        to.asSlice(4L * count * dim, 4L * (width - count) * dim).fill((byte) 0);
        for (int row = 0, key = start; row < count; row++, key++) {
            if (key == group.ends()[run]) key = group.starts()[++run];
            copy(key, to, 4L * dim * row);
        }
        return Matrix.of(to, width, dim);
    }

    /** Whether the elements of a key lie side by side. */
    boolean hasWholeRows() {
        return fresh.columnStride() == 1 && (past == null || past.columnStride() == 1);
    }

    /**
     * {@code out = sum over the keys of weight times row}, from where they are, for all that a group of one row sees.
     *
     * @param weights {@code [keys]}, from element {@code first} on
     * @param out     {@code [dim]}, from byte {@code to} on
     */
    void mix(RowGroup group, RowKernels kernels, MemorySegment weights, long first, MemorySegment out, long to) {
        int dim = fresh.columns();
        out.asSlice(to, 4L * dim).fill((byte) 0);
        for (int run = 0; run < group.starts().length; run++) {
            int start = group.starts()[run], end = group.ends()[run];
            int split = Math.clamp(slots(), start, end);
            if (start < split) {
                kernels.addWeightedRows(weights, first, split - start, past.memory(), past.offset(start, 0),
                        past.rowBytes(), dim, out, to);
            }
            if (split < end) {
                kernels.addWeightedRows(weights, first + split - start, end - split, fresh.memory(),
                        fresh.offset(split - slots(), 0), fresh.rowBytes(), dim, out, to);
            }
            first += end - start;
        }
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
