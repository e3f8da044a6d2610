package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * Attention of one head, {@code softmax(scale Q KT + bias + mask) V}, and its gradients, composed of
 * {@link MatrixKernels} and {@link RowKernels}; with scalar ones it is its own specification.
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
     * Computes {@code softmax(scale Q KT + bias + mask) V}. A query none of whose logits is above negative infinity
     * gives NaN.
     *
     * @param bias {@code [tq, tk]}, added to the logits, or null
     * @param mask {@code [tk]}, added to the logits of every query, or null
     * @param out  {@code [tq, dv]}, any strides; overlaps neither k nor v, and q only if it is q
     */
    public void forward(Matrix q, Matrix k, Matrix v, Matrix bias, MemorySegment mask, float scale, Matrix out,
            Scratch scratch) {
        check(q, k, v, bias, out);
        int keys = k.rows();
        if (keys == 0) throw new IllegalArgumentException("attention to no keys");
        PackedMatrix packedKeys = pack(k.transposed(), scratch.right), values = pack(v, scratch.values);
        int step = blockRows(keys);
        MemorySegment memory = scratch.weights.atLeast(4L * step * keys);
        for (int i = 0; i < q.rows(); i += step) {
            int to = Math.min(q.rows(), i + step);
            Matrix weights = Matrix.of(memory, to - i, keys);
            Matrix biases = bias == null ? null : bias.rows(i, to);
            weights(q.rows(i, to), packedKeys, biases, mask, scale, weights, scratch);
            multiply(weights, values, out.rows(i, to), Epilogue.NONE, scratch);
        }
    }

    private void weights(Matrix q, PackedMatrix keys, Matrix bias, MemorySegment mask, float scale, Matrix weights,
            Scratch scratch) {
        // The softmax adds one row to all; what differs from row to row, the product adds while it has a tile.
        multiply(q, keys, weights, bias == null ? Epilogue.NONE : Epilogue.addend(bias).withScale(scale), scratch);
        int n = weights.rows();
        rows.softmax(weights.memory(), bias == null ? scale : 1, mask, Math.max(1, n), weights.memory(),
                weights.columns(), 0, n);
    }

    /**
     * Computes the gradients of {@link #forward}, of whose result they have no need.
     *
     * @param dOut    {@code [tq, dv]}, gradient of its result
     * @param dq      like q, receives its gradient; dq, dk and dv overlap none of the other matrices
     * @param dk      like k
     * @param dv      like v
     * @param dLogits {@code [tq, tk]} from its start, receives the gradient of the logits, which is that of the bias;
     *     null if it is not wanted
     */
    public void gradient(Matrix q, Matrix k, Matrix v, Matrix bias, MemorySegment mask, float scale, Matrix dOut,
            Matrix dq, Matrix dk, Matrix dv, MemorySegment dLogits, Scratch scratch) {
        check(q, k, v, bias, dOut);
        int queries = q.rows(), keys = k.rows();
        if (queries == 0 || keys == 0) throw new IllegalArgumentException(queries + " queries, " + keys + " keys");
        Matrix weights = Matrix.of(scratch.weights.atLeast(4L * queries * keys), queries, keys);
        MemorySegment logits = dLogits != null ? dLogits : scratch.gradients.atLeast(4L * queries * keys);
        Matrix dWeights = Matrix.of(logits, queries, keys);
        weights(q, pack(k.transposed(), scratch.right), bias, mask, scale, weights, scratch);
        multiply(weights.transposed(), pack(dOut, scratch.right), dv, Epilogue.NONE, scratch);
        multiply(dOut, pack(v.transposed(), scratch.right), dWeights, Epilogue.NONE, scratch);
        // Who wants the gradient of the logits wants it without the scale, which comes after.
        rows.softmaxGradient(weights.memory(), logits, dLogits == null ? scale : 1, logits, keys, 0, queries);
        Epilogue scaled = dLogits == null ? Epilogue.NONE : Epilogue.scaled(scale);
        multiply(dWeights, pack(k, scratch.right), dq, scaled, scratch);
        multiply(dWeights.transposed(), pack(q, scratch.right), dk, scaled, scratch);
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

    private void multiply(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Scratch scratch) {
        matrices.multiply(a, b, c, epilogue, new Block(0, c.rows(), 0, matrices.panels(c.columns())), scratch);
    }

    private static void check(Matrix q, Matrix k, Matrix v, Matrix bias, Matrix out) {
        if (bias != null && (bias.rows() != q.rows() || bias.columns() != k.rows())) {
            throw new IllegalArgumentException("bias " + bias.rows() + " x " + bias.columns() + " for " + q.rows()
                    + " queries, " + k.rows() + " keys");
        }
        if (k.columns() != q.columns() || v.rows() != k.rows() || out.rows() != q.rows()
                || out.columns() != v.columns()) {
            throw new IllegalArgumentException("Q " + q.rows() + " x " + q.columns() + ", K " + k.rows() + " x "
                    + k.columns() + ", V " + v.rows() + " x " + v.columns() + ", out " + out.rows() + " x "
                    + out.columns());
        }
    }
}
