package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The specification of products with weights in blocks, in plain Java, with nothing clever. */
final class ScalarBlockKernels implements BlockKernels {
    private static final int PANEL = 8;


    @Override
    public int tileRows() {
        return 1;
    }

    @Override
    public int panelColumns() {
        return PANEL;
    }

    @Override
    public void quantize(Matrix a, int fromRow, int toRow, BlockLayout layout, MemorySegment to) {
        int chunk = layout.chunk();
        float[] values = new float[chunk];
        for (int row = fromRow; row < toRow; row++) {
            for (int c = 0; c < a.columns() / chunk; c++) {
                for (int k = 0; k < chunk; k++) values[k] = a.get(row, c * chunk + k);
                long at = BlockKernels.rowBytes(layout, a.columns()) * row
                        + (long) Integer.BYTES * BlockKernels.chunkWords(layout) * c;
                quantize(values, layout, to, at);
            }
        }
    }

    private static void quantize(float[] values, BlockLayout layout, MemorySegment to, long at) {
        float most = 0;
        for (float value : values) most = Math.max(most, Math.abs(value));
        float inverse = most < LEAST ? 0 : MOST / most, scale = most < LEAST ? 0 : most / MOST;
        int even = 0, odd = 0;
        for (int k = 0; k < values.length; k += 2) {
            int left = code(values[k] * inverse), right = code(values[k + 1] * inverse);
            even += left;
            odd += right;
            to.set(BlockMatrix.INT, at + 2L * k, left & 0xffff | right << 16);
        }
        at += 2L * values.length;
        for (int term = 0; term < 2; term++, at += Integer.BYTES) {
            to.set(BlockMatrix.INT, at, -layout.zero(term) * even & 0xffff | -layout.zero(term) * odd << 16);
        }
        to.set(Matrix.FLOAT, at, scale);
        to.set(Matrix.FLOAT, at + Float.BYTES, (even + odd) * scale);
    }

    private static int code(float value) {
        return (short) Float.floatToRawIntBits(value + ROUNDER);
    }

    @Override
    public void multiply(MemorySegment codes, BlockMatrix b, Matrix c, Epilogue epilogue, Block block,
            Scratch scratch) {
        int[] words = new int[b.layout().planes()];
        float[] sums = new float[block.toRow() - block.fromRow()];
        for (int j = block.fromPanel() * PANEL; j < Math.min(b.rows(), block.toPanel() * PANEL); j++) {
            Arrays.fill(sums, 0);
            for (int k = 0; k < b.blocks(); k++) {
                b.words(j, k, words);
                for (int i = 0; i < sums.length; i++) {
                    sums[i] = sum(codes, block.fromRow() + i, b, k, words, sums[i]);
                }
            }
            for (int i = 0; i < sums.length; i++) {
                c.set(block.fromRow() + i, j, epilogue.apply(sums[i], block.fromRow() + i, j));
            }
        }
    }

    /** Adds the products of one block of a row of weights to a sum. */
    private static float sum(MemorySegment codes, int row, BlockMatrix b, int block, int[] words, float sum) {
        BlockLayout layout = b.layout();
        int chunk = layout.chunk(), chunks = layout.columns() / chunk;
        for (int c = 0; c < chunks; c++) {
            long at = BlockKernels.rowBytes(layout, b.columns()) * row
                    + (long) Integer.BYTES * BlockKernels.chunkWords(layout) * (block * chunks + c);
            float scale = codes.get(Matrix.FLOAT, at + 2L * chunk + 8), total = codes.get(Matrix.FLOAT,
                    at + 2L * chunk + 12);
            for (int term = 0; term < layout.terms(); term++) {
                int dot = 0;
                for (int k = 0; k < chunk; k++) {
                    int code = (short) (codes.get(BlockMatrix.INT, at + k / 2 * 4L) >>> k % 2 * 16);
                    dot += code * layout.factor(layout.code(words, c * chunk + k), term);
                }
                sum = Math.fma(dot * scale, layout.factorScale(words, c, term), sum);
            }
            if (layout.scaling().hasMin()) sum = Math.fma(total, layout.factorMin(words, c), sum);
        }
        return sum;
    }

    @Override
    public void decode(BlockMatrix b, int fromRow, int toRow, PackedMatrix to) {
        int panel = to.panelColumns(), wide = b.layout().columns(), depth = b.columns();
        int[] words = new int[b.layout().planes()];
        float[] values = new float[wide];
        for (int j = 0; j < Math.ceilDiv(toRow - fromRow, panel) * panel; j++) {
            if (fromRow + j >= toRow) Arrays.fill(values, 0);
            for (int k = 0; k < depth; k += wide) {
                if (fromRow + j < toRow) {
                    b.words(fromRow + j, k / wide, words);
                    b.layout().decode(words, values, 0);
                }
                long at = (long) Float.BYTES * (panel * ((long) (j / panel) * depth + k) + j % panel);
                for (int i = 0; i < Math.min(wide, depth - k); i++) {
                    to.memory().set(Matrix.FLOAT, at + (long) Float.BYTES * panel * i, values[i]);
                }
            }
        }
    }
}
