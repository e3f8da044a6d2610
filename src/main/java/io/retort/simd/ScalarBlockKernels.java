package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The specification of products with weights in blocks, in plain Java, with nothing clever. */
final class ScalarBlockKernels implements BlockKernels {
    private static final int PANEL = 8;

    @Override
    public int panelColumns() {
        return PANEL;
    }

    @Override
    public void quantize(Matrix a, int fromRow, int toRow, BlockLayout layout, int[] to) {
        float[] values = new float[layout.chunk()];
        int[] words = new int[BlockKernels.rowWords(layout, a.columns())];
        for (int row = fromRow; row < toRow; row++) {
            for (int c = 0; c < a.columns() / values.length; c++) {
                for (int k = 0; k < values.length; k++) values[k] = a.get(row, c * values.length + k);
                quantize(values, layout, words, BlockKernels.codeWords(layout, a.columns()), c);
            }
            BlockKernels.place(words, row, a.rows(), to);
        }
    }

    private static void quantize(float[] values, BlockLayout layout, int[] to, int extras, int chunk) {
        float most = 0;
        for (float value : values) most = Math.max(most, Math.abs(value));
        float inverse = most < LEAST ? 0 : MOST / most, scale = most < LEAST ? 0 : most / MOST;
        for (int term = 0; term < layout.terms(); term++) {
            int number = chunk * layout.terms() + term, even = 0, odd = 0;
            for (int k = 0; k < values.length; k += 2) {
                int left = code(values[k] * inverse), right = code(values[k + 1] * inverse);
                even += left;
                odd += right;
                to[(number * values.length + k) / 2] = left & 0xffff | right << 16;
            }
            int extra = extras + EXTRA * number;
            to[extra] = -layout.zero(term) * even & 0xffff | -layout.zero(term) * odd << 16;
            to[extra + 1] = Float.floatToRawIntBits(scale);
            to[extra + 2] = Float.floatToRawIntBits((even + odd) * scale);
        }
    }

    private static int code(float value) {
        return (short) Float.floatToRawIntBits(value + ROUNDER);
    }

    @Override
    public void multiply(int[] codes, BlockMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch) {
        int[][] words = new int[b.blocks()][b.layout().planes()];
        int[] row = new int[BlockKernels.rowWords(b.layout(), b.columns())];
        for (int j = block.fromPanel() * PANEL; j < Math.min(b.rows(), block.toPanel() * PANEL); j++) {
            for (int k = 0; k < words.length; k++) b.words(j, k, words[k]);
            for (int i = block.fromRow(); i < block.toRow(); i++) {
                BlockKernels.take(codes, i, c.rows(), row);
                c.set(i, j, epilogue.apply(sum(row, b, words), i, j));
            }
        }
    }

    private static float sum(int[] row, BlockMatrix b, int[][] words) {
        BlockLayout layout = b.layout();
        int chunks = b.columns() / layout.chunk(), perBlock = layout.columns() / layout.chunk();
        int extras = BlockKernels.codeWords(layout, b.columns());
        float sum = 0, least = 0;
        for (int term = 0; term < chunks * layout.terms(); term++) {
            float scale = Float.intBitsToFloat(row[extras + EXTRA * term + 1]);
            int chunk = term / layout.terms();
            sum = Math.fma(dot(row, layout, words, term) * scale,
                    layout.factorScale(words[chunk / perBlock], chunk % perBlock, term % layout.terms()), sum);
        }
        if (!layout.scaling().hasMin()) return sum;
        for (int chunk = 0; chunk < chunks; chunk++) {
            float total = Float.intBitsToFloat(row[extras + EXTRA * chunk + 2]);
            least = Math.fma(total, layout.factorMin(words[chunk / perBlock], chunk % perBlock), least);
        }
        return sum + least;
    }

    /** The sum of products of one term. */
    private static int dot(int[] row, BlockLayout layout, int[][] words, int term) {
        int dot = 0, first = term / layout.terms() * layout.chunk();
        for (int k = 0; k < layout.chunk(); k++) {
            int pair = row[(term * layout.chunk() + k) / 2], column = first + k;
            int code = layout.code(words[column / layout.columns()], column % layout.columns());
            dot += (short) (pair >>> k % 2 * 16) * layout.factor(code, term % layout.terms());
        }
        return dot;
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
