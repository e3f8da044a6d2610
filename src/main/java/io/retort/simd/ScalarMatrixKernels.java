package io.retort.simd;

import java.lang.foreign.MemorySegment;

/** The specification of products in plain Java: the sums as {@link MatrixKernels} defines them, with nothing clever. */
public final class ScalarMatrixKernels implements MatrixKernels {
    private static final int PANEL = 8;

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public int tileRows() {
        return 1;
    }

    @Override
    public int panelColumns() {
        return PANEL;
    }

    @Override
    public void pack(Matrix b, MemorySegment to, int fromPanel, int toPanel) {
        Shapes.checkPack(this, b, to, fromPanel, toPanel);
        for (int p = fromPanel; p < toPanel; p++) {
            for (int k = 0; k < b.rows(); k++) {
                for (int l = 0; l < PANEL; l++) {
                    int j = p * PANEL + l;
                    to.set(Matrix.FLOAT, packedOffset(b.rows(), k, j), j < b.columns() ? b.get(k, j) : 0f);
                }
            }
        }
    }

    @Override
    public void multiply(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch) {
        Shapes.checkMultiply(this, a, b, c, epilogue, block);
        int toColumn = Math.min(block.toPanel() * PANEL, c.columns());
        for (int i = block.fromRow(); i < block.toRow(); i++) {
            for (int j = block.fromPanel() * PANEL; j < toColumn; j++)
                c.set(i, j, epilogue.apply(dot(a, i, b, j), i, j));
        }
    }

    @Override
    public BlockKernels blocks() {
        return new ScalarBlockKernels();
    }

    private static float dot(Matrix a, int i, PackedMatrix b, int j) {
        float sum = dot(a, i, b, j, 0);
        for (int k = SPAN; k < a.columns(); k += SPAN) sum += dot(a, i, b, j, k);
        return sum;
    }

    /** The sum of products over one span of A's columns, from column {@code from} on. */
    private static float dot(Matrix a, int i, PackedMatrix b, int j, int from) {
        float sum = 0;
        for (int k = from; k < Math.min(a.columns(), from + SPAN); k++) {
            sum = Math.fma(a.get(i, k), b.memory().get(Matrix.FLOAT, packedOffset(b.rows(), k, j)), sum);
        }
        return sum;
    }

    /** Byte offset of element (k, j) of a packed matrix. */
    private static long packedOffset(int rows, int k, int j) {
        return (long) Float.BYTES * PANEL * ((long) (j / PANEL) * rows + k) + Float.BYTES * (j % PANEL);
    }
}
