package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products with weights in blocks on the Vector API. Of a panel of weights a span of columns is unpacked into the level
 * 1 cache, where all rows of a block pass over it ({@link BlockTile}); so each weight is read from memory once for as
 * many rows as there are.
 */
final class VectorBlockKernels implements BlockKernels {
    private static final int COLUMNS = RegisterTile.COLUMNS;
    private static final int W = Lanes.COUNT;
    private static final VectorSpecies<Float> F = Lanes.FLOATS;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> HALF = VectorSpecies.of(short.class,
            VectorShape.forBitSize(F.vectorBitSize() / 2));

    @Override
    public int panelColumns() {
        return COLUMNS;
    }

    @Override
    public void quantize(Matrix a, int fromRow, int toRow, BlockLayout layout, int[] to) {
        if (a.columnStride() != 1) {
            new ScalarBlockKernels().quantize(a, fromRow, toRow, layout, to);
            int[] words = new int[BlockKernels.rowWords(layout, a.columns())];
            for (int row = fromRow; row < toRow; row++) {
                BlockKernels.take(to, row, a.rows(), words);
                coefficients(words, row, a.rows(), a.columns(), layout, to);
            }
            return;
        }
        int extras = BlockKernels.codeWords(layout, a.columns());
        int[] words = new int[BlockKernels.rowWords(layout, a.columns())];
        int[] totals = new int[W];
        for (int row = fromRow; row < toRow; row++) {
            for (int c = 0; c < a.columns() / layout.chunk(); c++) {
                chunk(a.memory(), a.offset(row, c * layout.chunk()), layout, words, extras, c, totals);
            }
            BlockKernels.place(words, row, a.rows(), to);
            coefficients(words, row, a.rows(), a.columns(), layout, to);
        }
    }

    private static void coefficients(int[] words, int row, int rows, int columns, BlockLayout layout, int[] to) {
        if (layout.coefficients() == 0 || row < BlockKernels.tiled(rows)) return;
        LongBlockRow.coefficients(layout, words, columns, to, BlockKernels.coefficients(layout, columns, rows, row));
    }

    private static void chunk(MemorySegment a, long from, BlockLayout layout, int[] to, int extras,
            int chunk, int[] totals) {
        int columns = layout.chunk(), terms = layout.terms();
        FloatVector most = FloatVector.zero(F);
        for (int k = 0; k < columns; k += W) most = most.max(Vectors.get(a, from + 4L * k).abs());
        float largest = most.reduceLanes(VectorOperators.MAX);
        float inverse = largest < LEAST ? 0 : MOST / largest, scale = largest < LEAST ? 0 : largest / MOST;
        IntVector total = IntVector.zero(I);
        int at = columns / 2 * chunk * terms;
        for (int k = 0; k < columns; k += W) {
            IntVector codes = Vectors.get(a, from + 4L * k).mul(inverse).add(ROUNDER).reinterpretAsInts()
                    .sub(Float.floatToRawIntBits(ROUNDER));
            total = total.add(codes);
            IntVector half = codes.convertShape(VectorOperators.I2S, HALF, 0).reinterpretAsInts();
            half.intoArray(to, at + k / 2);
            if (terms == 2) half.intoArray(to, at + (columns + k) / 2);
        }
        total.intoArray(totals, 0);
        int even = 0, odd = 0;
        for (int i = 0; i < W; i += 2) {
            even += totals[i];
            odd += totals[i + 1];
        }
        for (int term = 0; term < terms; term++) {
            int extra = extras + EXTRA * (chunk * terms + term);
            to[extra] = -layout.zero(term) * even & 0xffff | -layout.zero(term) * odd << 16;
            to[extra + 1] = Float.floatToRawIntBits(scale);
            to[extra + 2] = Float.floatToRawIntBits((even + odd) * scale);
        }
    }

    @Override
    public void multiply(int[] codes, BlockMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch) {
        BlockLayout layout = b.layout();
        int rows = block.toRow() - block.fromRow(), spanBlocks = SPAN / layout.columns();
        int terms = SPAN / layout.chunk() * layout.terms();
        short[] panel = scratch.panel(COLUMNS * (SPAN * layout.terms() + 2 * TILE * terms) + 1);
        float[] scales = scratch.scales(2 * terms * COLUMNS);
        int count = rows * COLUMNS, least = layout.scaling().hasMin() ? count : 0;
        float[] sums = scratch.tile(count + least);
        int alone = layout.coefficients() == 0
                ? block.toRow()
                : Math.clamp(BlockKernels.tiled(c.rows()), block.fromRow(), block.toRow());
        for (int p = block.fromPanel(); p < block.toPanel(); p++) {
            Arrays.fill(sums, 0, count + least, 0);
            Block together = new Block(block.fromRow(), alone, p, p + 1);
            for (int from = 0; alone > block.fromRow() && from < b.blocks(); from += spanBlocks) {
                new Span(b, p, from, Math.min(spanBlocks, b.blocks() - from)).add(codes, together, c.rows(), panel,
                        scales, sums, least);
            }
            for (int i = alone; i < block.toRow(); i++) {
                int at = (i - block.fromRow()) * COLUMNS;
                LongBlockRow.add(b, at(b, p, 0, 0), at(b, p, 0, 1), codes,
                        BlockKernels.coefficients(layout, b.columns(), c.rows(), i), b.rowWords() * i + b.codeWords(),
                        panel, sums, at, at + least);
            }
            for (int j = 0; j < least; j++) sums[j] += sums[least + j];
            int column = p * COLUMNS;
            TileFinish.finish(sums, COLUMNS, rows, Math.min(COLUMNS, c.columns() - column), c, epilogue,
                    block.fromRow(), column);
        }
        VectorMatrixKernels.ActivationPass.run(epilogue.activation(), c, block.fromRow(), block.toRow(),
                block.fromPanel() * COLUMNS, Math.min(c.columns(), block.toPanel() * COLUMNS));
    }

    @Override
    public void decode(BlockMatrix b, int fromRow, int toRow, PackedMatrix to) {
        if (!b.layout().isHalf() || to.panelColumns() != COLUMNS) {
            new ScalarBlockKernels().decode(b, fromRow, toRow, to);
            return;
        }
        for (int row = fromRow; row < toRow; row += COLUMNS) {
            for (int v = 0; v < 2; v++) {
                int first = row + v * W;
                long at = b.offset(first / BlockLayout.GROUP, 0) + first % BlockLayout.GROUP * 4L;
                long panel = (long) Float.BYTES * ((long) (row - fromRow) * b.columns() + v * W);
                BlockUnpacking.halves(b.layout(), b.memory(), at, b.columns(), to.memory(), panel);
            }
        }
    }

    /** Byte offset of a block's first plane, of the rows of vector v of a panel. */
    private static long at(BlockMatrix b, int panel, int block, int v) {
        int row = panel * COLUMNS + v * W;
        return b.offset(row / BlockLayout.GROUP, block) + row % BlockLayout.GROUP * 4L;
    }

    /** Some blocks of the rows of weights that are panel {@code panel} of C. */
    private record Span(BlockMatrix b, int panel, int from, int count) {
        /**
         * Adds the products with rows of activations to their sums.
         *
         * @param rows   of all activations
         * @param room   for unpacked codes and sums of products
         * @param scales room for unpacked scales
         * @param least  from the sums of products to those of summands
         */
        void add(int[] codes, Block block, int rows, short[] room, float[] scales, float[] sums,
                int least) {
            BlockLayout layout = b.layout();
            int perBlock = layout.blockTerms(), terms = count * perBlock, pairs = layout.chunk() / 2;
            int mins = layout.scaling().hasMin() ? terms * COLUMNS : -1;
            int words = b.rowWords(), code = pairs * perBlock * from;
            int extra = b.codeWords() + EXTRA * perBlock * from;
            int tiled = Math.min(BlockKernels.tiled(rows), block.toRow()), products = SPAN * layout.terms() * COLUMNS;
            long left = at(b, panel, from, 0), right = at(b, panel, from, 1);
            // Each is called from one place: the JIT compiler would put both calls into this method, and not finish.
            for (int v = 0; v < 2; v++) {
                BlockUnpacking.scales(b, v == 0 ? left : right, count, scales, W * v, mins + W * v);
            }
            room[room.length - 1] = BlockRow.touch(b.memory(), left, count * layout.bytes());
            int i = block.fromRow();
            if (tiled > i) unpackCodes(room, left, right);
            for (; i < tiled; i += TILE) {
                BlockTile.products(room, products, codes, words * i + TILE * code, terms, pairs);
                BlockTile.scale(Math.min(TILE, tiled - i), TILE, room, products, scales, mins, codes,
                        words * i + TILE * extra, terms, sums, (i - block.fromRow()) * COLUMNS, least);
            }
            for (i = Math.min(i, tiled); i < block.toRow(); i++) {
                BlockRow.products(layout, b.memory(), left, right, terms, codes, words * i + code, room, products);
                BlockTile.scale(1, 1, room, products, scales, mins, codes, words * i + extra, terms, sums,
                        (i - block.fromRow()) * COLUMNS, least);
            }
        }

        private void unpackCodes(short[] codes, long left, long right) {
            BlockLayout layout = b.layout();
            int block = layout.chunk() * layout.blockTerms() * COLUMNS;
            for (int i = 0; i < 2 * count; i++) {
                long at = (i % 2 == 0 ? left : right) + i / 2 * layout.bytes();
                BlockUnpacking.codes(layout, b.memory(), at, codes, block * (i / 2) + 2 * W * (i % 2));
            }
        }
    }
}
