package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * Attention of one head, {@code softmax(scale Q KT + mask) V}, and its gradients, composed of {@link MatrixKernels} and
 * {@link RowKernels}; with scalar ones it is its own specification.
 *
 * <p>Q is {@code [tq, d]}, K {@code [tk, d]}, V {@code [tk, dv]}; a head is a view of some columns of what a projection
 * gave for all heads. Weights {@code [tq, tk]} are never in memory: the forward pass makes them for a few queries at a
 * time, in the level 1 cache, and the gradients compute those of the head again.
 *
 * <p>Keeps no state; any thread may call it, with a {@link Scratch} of its own. Heads of a batch are shared among
 * threads by the caller.
 */
public final class Attention {
    /** Bytes of the weights that are made at once: half of a level 1 cache of 32 KB. */
    private static final long BLOCK_BYTES = 16 << 10;

    private final MatrixKernels matrices;
    private final RowKernels rows;

    public Attention(MatrixKernels matrices, RowKernels rows) {
        this.matrices = matrices;
        this.rows = rows;
    }

    /** Attention on the {@linkplain MatrixKernels#best() best} kernels that this JVM can run. */
    public static Attention best() {
        return new Attention(MatrixKernels.best(), RowKernels.best());
    }

    /**
     * Computes {@code softmax(scale Q KT + mask) V}. A query none of whose logits is above negative infinity gives NaN.
     *
     * @param mask {@code [tk]}, added to the logits of every query, or null
     * @param out  {@code [tq, dv]}, any strides; overlaps neither k nor v, and q only if it is q
     */
    public void forward(Matrix q, Matrix k, Matrix v, MemorySegment mask, float scale, Matrix out, Scratch scratch) {
        check(q, k, v, out);
        int keys = k.rows();
        if (keys == 0) throw new IllegalArgumentException("attention to no keys");
        PackedMatrix packedKeys = pack(k.transposed(), scratch.right), values = pack(v, scratch.values);
        int step = blockRows(keys);
        MemorySegment memory = scratch.weights.atLeast(4L * step * keys);
        for (int i = 0; i < q.rows(); i += step) {
            int to = Math.min(q.rows(), i + step);
            Matrix weights = Matrix.of(memory, to - i, keys);
            weights(q.rows(i, to), packedKeys, mask, scale, weights, scratch);
            multiply(weights, values, out.rows(i, to), scratch);
        }
    }

    private void weights(Matrix q, PackedMatrix keys, MemorySegment mask, float scale, Matrix weights,
            Scratch scratch) {
        multiply(q, keys, weights, scratch);
        int n = weights.rows();
        rows.softmax(weights.memory(), scale, mask, Math.max(1, n), weights.memory(), weights.columns(), 0, n);
    }

    /**
     * Computes the gradients of {@link #forward}, of whose result they have no need.
     *
     * @param dOut {@code [tq, dv]}, gradient of its result
     * @param dq   like q, receives its gradient; dq, dk and dv overlap none of the other matrices
     * @param dk   like k
     * @param dv   like v
     */
    public void gradient(Matrix q, Matrix k, Matrix v, MemorySegment mask, float scale, Matrix dOut, Matrix dq,
            Matrix dk, Matrix dv, Scratch scratch) {
        check(q, k, v, dOut);
        int queries = q.rows(), keys = k.rows();
        if (queries == 0 || keys == 0) throw new IllegalArgumentException(queries + " queries, " + keys + " keys");
        Matrix weights = Matrix.of(scratch.weights.atLeast(4L * queries * keys), queries, keys);
        Matrix dWeights = Matrix.of(scratch.gradients.atLeast(4L * queries * keys), queries, keys);
        weights(q, pack(k.transposed(), scratch.right), mask, scale, weights, scratch);
        multiply(weights.transposed(), pack(dOut, scratch.right), dv, scratch);
        multiply(dOut, pack(v.transposed(), scratch.right), dWeights, scratch);
        rows.softmaxGradient(weights.memory(), dWeights.memory(), scale, dWeights.memory(), keys, 0, queries);
        multiply(dWeights, pack(k, scratch.right), dq, scratch);
        multiply(dWeights.transposed(), pack(q, scratch.right), dk, scratch);
    }

    /** Number of queries whose weights are made at once, a multiple of a tile's rows. */
    private int blockRows(int keys) {
        int tile = matrices.tileRows();
        return Math.max(1, Math.toIntExact(BLOCK_BYTES / (4L * keys * tile))) * tile;
    }

    private PackedMatrix pack(Matrix b, Scratch.Buffer to) {
        PackedMatrix packed = PackedMatrix.over(matrices, to.atLeast(matrices.packedBytes(b.rows(), b.columns())),
                b.rows(), b.columns());
        matrices.pack(b, packed.memory(), 0, matrices.panels(b.columns()));
        return packed;
    }

    private void multiply(Matrix a, PackedMatrix b, Matrix c, Scratch scratch) {
        matrices.multiply(a, b, c, Epilogue.NONE, new Block(0, c.rows(), 0, matrices.panels(c.columns())), scratch);
    }

    private static void check(Matrix q, Matrix k, Matrix v, Matrix out) {
        if (k.columns() != q.columns() || v.rows() != k.rows() || out.rows() != q.rows()
                || out.columns() != v.columns()) {
            throw new IllegalArgumentException("Q " + q.rows() + " x " + q.columns() + ", K " + k.rows() + " x "
                    + k.columns() + ", V " + v.rows() + " x " + v.columns() + ", out " + out.rows() + " x "
                    + out.columns());
        }
    }
}
