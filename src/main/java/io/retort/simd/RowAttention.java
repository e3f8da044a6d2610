package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * Attention of the heads that share one head of keys, {@code softmax(scale Q KT + mask) V}, for one {@link RowGroup},
 * and its gradients; composed of {@link MatrixKernels} and {@link RowKernels}, with scalar ones its own specification.
 *
 * <p>Keys that a row does not see are not computed, or add zeros after all that count: so a row has the same bits
 * whatever rows, groups and unseen keys are around it, and wherever its keys lie.
 *
 * <p>Keeps no state; any thread may call it, with a {@link Scratch} of its own. Groups and heads of keys are shared
 * among threads by the caller.
 */
public final class RowAttention {
    /** Bytes of the weights that are made at once: half of a level 1 cache of 32 KB. */
    private static final long BLOCK_BYTES = 16 << 10;
    /** Rows whose gradients are made at once: their weights and what belongs to them stay in the level 2 cache. */
    private static final int GRADIENT_ROWS = 64;

    private final MatrixKernels matrices;
    private final RowKernels rows;

    public RowAttention(MatrixKernels matrices, RowKernels rows) {
        this.matrices = matrices;
        this.rows = rows;
    }

    /** Attention on the {@linkplain MatrixKernels#best() best} kernels that this JVM can run. */
    public static RowAttention best() {
        return new RowAttention(MatrixKernels.best(), RowKernels.best());
    }

    /**
     * Computes the result for the rows of one group of queries.
     *
     * @param out like q; overlaps none of the others
     */
    public void forward(RowGroups groups, int index, Heads q, KeyRows k, KeyRows v, float scale, Heads out,
            Scratch scratch) {
        RowGroup group = groups.groups().get(index);
        MemorySegment packedKeys = k.packedColumns(group, matrices, scratch);
        if (group.rows() == 1 && v.hasWholeRows() && out.columnStride() == 1) {
            attendAlone(group, q.row(group.fromRow()), packedKeys, v, scale, out.row(group.fromRow()), scratch);
            return;
        }
        Matrix values = v.of(group, scratch.keyRows);
        MemorySegment packedValues = pack(values, scratch.values);
        int step = blockRows(group.keys());
        for (int head = 0; head < q.heads(); head++) {
            for (int i = 0; i < group.rows(); i += step) {
                int from = group.fromRow() + i, to = group.fromRow() + Math.min(group.rows(), i + step);
                attend(group, i, q.head(head).rows(from, to), packedKeys, packedValues, scale,
                        out.head(head).rows(from, to), scratch);
            }
        }
    }

    /** Computes one row in all heads; its values are used only once, and so are read where they are. */
    private void attendAlone(RowGroup group, Matrix q, MemorySegment keys, KeyRows v, float scale, Matrix out,
            Scratch scratch) {
        Matrix weights = Matrix.of(scratch.weights.atLeast(4L * q.rows() * group.keys()), q.rows(), group.keys());
        weights(group, 0, q, true, keys, scale, weights, scratch);
        for (int head = 0; head < q.rows(); head++) {
            v.mix(group, rows, weights.memory(), (long) head * group.keys(), out.memory(), out.offset(head, 0));
        }
    }

    /**
     * Computes some rows of one head, whose weights fit into the level 1 cache.
     *
     * @param first row of the group
     */
    private void attend(RowGroup group, int first, Matrix q, MemorySegment keys, MemorySegment values, float scale,
            Matrix out, Scratch scratch) {
        int n = q.rows(), seen = group.seen()[first + n - 1];
        Matrix weights = Matrix.of(scratch.weights.atLeast(4L * n * seen), n, seen);
        weights(group, first, q, false, keys, scale, weights, scratch);
        multiplyPrefix(weights, values, group.keys(), out, scratch);
    }

    /**
     * Softmax of the logits of some rows of one head, or, if {@code heads}, of one row of all; zeros where a row sees less
     * than the last one.
     */
    private void weights(RowGroup group, int first, Matrix q, boolean heads, MemorySegment keys, float scale,
            Matrix weights, Scratch scratch) {
        int seen = weights.columns();
        multiply(q, keys, weights, Epilogue.NONE, scratch);
        for (int i = 0; i < weights.rows(); i++) {
            int row = heads ? first : first + i, count = group.seen()[row];
            MemorySegment x = weights.memory().asSlice(4L * seen * i, 4L * seen);
            rows.softmax(x, scale, group.mask(row), 1, x, count, 0, 1);
            if (count < seen) x.asSlice(4L * count).fill((byte) 0);
        }
    }

    /**
     * Gradients of {@link #forward} for one group, which must see no cache. Those of keys and values are added to what is
     * there.
     *
     * @param dOut gradient of the result
     * @param dq   receives the gradient of q
     * @param dk   {@code [rows, dim]}, of all keys
     * @param dv   {@code [rows, dim]}, of all values
     */
    public void gradient(RowGroups groups, int index, Heads q, Matrix k, Matrix v, float scale, Heads dOut, Heads dq,
            Matrix dk, Matrix dv, Scratch scratch) {
        RowGroup group = groups.groups().get(index);
        Matrix keys = new KeyRows(null, k).of(group, scratch.keyRows);
        MemorySegment keyColumns = pack(keys.transposed(), scratch.right), keyRows = pack(keys, scratch.keys);
        Matrix values = new KeyRows(null, v).of(group, scratch.keyRows);
        MemorySegment valueColumns = pack(values.transposed(), scratch.values);
        boolean one = group.starts().length == 1;
        Matrix dKeys = one ? dk.rows(group.starts()[0], group.ends()[0]) : zeros(scratch.dKeys, keys);
        Matrix dValues = one ? dv.rows(group.starts()[0], group.ends()[0]) : zeros(scratch.dValues, values);
        for (int head = 0; head < q.heads(); head++) {
            for (int i = 0; i < group.rows(); i += GRADIENT_ROWS) {
                int from = group.fromRow() + i;
                int to = group.fromRow() + Math.min(group.rows(), i + GRADIENT_ROWS);
                int n = to - from, seen = group.seen()[i + n - 1];
                Matrix qs = q.head(head).rows(from, to), dOuts = dOut.head(head).rows(from, to);
                Matrix weights = Matrix.of(scratch.weights.atLeast(4L * n * seen), n, seen);
                Matrix dWeights = Matrix.of(scratch.gradients.atLeast(4L * n * seen), n, seen);
                weights(group, i, qs, false, keyColumns, scale, weights, scratch);
                addProduct(weights.transposed(), dOuts, dValues.rows(0, seen), scratch);
                multiply(dOuts, valueColumns, dWeights, Epilogue.NONE, scratch);
                rows.softmaxGradient(weights.memory(), dWeights.memory(), scale, dWeights.memory(), seen, 0, n);
                multiplyPrefix(dWeights, keyRows, group.keys(), dq.head(head).rows(from, to), scratch);
                addProduct(dWeights.transposed(), qs, dKeys.rows(0, seen), scratch);
            }
        }
        if (!one) {
            addRows(group, dKeys, dk);
            addRows(group, dValues, dv);
        }
    }

    private static Matrix zeros(Scratch.Buffer buffer, Matrix like) {
        MemorySegment memory = buffer.atLeast(4L * like.rows() * like.columns());
        memory.fill((byte) 0);
        return Matrix.of(memory, like.rows(), like.columns());
    }

    private static void addRows(RowGroup group, Matrix from, Matrix to) {
        int row = 0;
        for (int run = 0; run < group.starts().length; run++) {
            for (int key = group.starts()[run]; key < group.ends()[run]; key++, row++) {
                for (int j = 0; j < to.columns(); j++) to.set(key, j, to.get(key, j) + from.get(row, j));
            }
        }
    }

    /** Number of rows of a head whose weights are made at once, a multiple of a tile's rows. */
    private int blockRows(int keys) {
        int tile = matrices.tileRows();
        return Math.max(1, Math.toIntExact(BLOCK_BYTES / (4L * keys * tile))) * tile;
    }

    private MemorySegment pack(Matrix b, Scratch.Buffer to) {
        MemorySegment memory = to.atLeast(matrices.packedBytes(b.rows(), b.columns()));
        matrices.pack(b, memory, 0, matrices.panels(b.columns()));
        return memory;
    }

    /**
     * Computes {@code C = epilogue(A B)}, where B may have more packed columns than C wants; the first ones are taken.
     */
    private void multiply(Matrix a, MemorySegment b, Matrix c, Epilogue epilogue, Scratch scratch) {
        PackedMatrix packed = PackedMatrix.over(matrices, b, a.columns(), c.columns());
        matrices.multiply(a, packed, c, epilogue, new Block(0, c.rows(), 0, matrices.panels(c.columns())), scratch);
    }

    /**
     * Computes {@code C = A B}, where the packed B has {@code depth} rows, perhaps more than A has columns: panel by
     * panel.
     */
    private void multiplyPrefix(Matrix a, MemorySegment b, int depth, Matrix c, Scratch scratch) {
        int width = matrices.panelColumns();
        for (int column = 0; column < c.columns(); column += width) {
            MemorySegment panel = b.asSlice(matrices.packedBytes(depth, column));
            multiply(a, panel, c.columns(column, Math.min(c.columns(), column + width)), Epilogue.NONE, scratch);
        }
    }

    /** Adds the product {@code A B} to C. */
    private void addProduct(Matrix a, Matrix b, Matrix c, Scratch scratch) {
        multiply(a, pack(b, scratch.block), c, Epilogue.addend(c), scratch);
    }
}
