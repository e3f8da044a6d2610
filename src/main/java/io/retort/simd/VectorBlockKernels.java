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
        }
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
            IntVector half = (IntVector) codes.convertShape(VectorOperators.I2S, HALF, 0).reinterpretAsInts();
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
        short[] panel = scratch.panel((SPAN * layout.terms() + 2 * TILE * 2) * COLUMNS);
        float[] scales = scratch.scales(2 * terms * COLUMNS);
        int mins = terms * COLUMNS;
        float[] sums = scratch.tile(Math.ceilDiv(rows, TILE) * TILE * COLUMNS);
        for (int p = block.fromPanel(); p < block.toPanel(); p++) {
            Arrays.fill(sums, 0, rows * COLUMNS, 0);
            for (int from = 0; from < b.blocks(); from += spanBlocks) {
                int count = Math.min(spanBlocks, b.blocks() - from);
                unpack(b, p, from, count, panel, scales, mins);
                tiles(codes, block, c.rows(), b, from, count, panel, scales, mins, sums);
            }
            int column = p * COLUMNS;
            TileFinish.finish(sums, COLUMNS, rows, Math.min(COLUMNS, c.columns() - column), c, epilogue,
                    block.fromRow(), column);
        }
        VectorMatrixKernels.ActivationPass.run(epilogue.activation(), c, block.fromRow(), block.toRow(),
                block.fromPanel() * COLUMNS, Math.min(c.columns(), block.toPanel() * COLUMNS));
    }

    private static void unpack(BlockMatrix b, int p, int from, int count, short[] panel, float[] scales, int mins) {
        BlockLayout layout = b.layout();
        int terms = layout.columns() / layout.chunk() * layout.terms();
        for (int v = 0; v < 2; v++) {
            int row = p * COLUMNS + v * W;
            for (int i = 0; i < count; i++) {
                long at = b.offset(row / BlockLayout.GROUP, from + i) + row % BlockLayout.GROUP * 4L;
                BlockUnpacking.codes(layout, b.memory(), at, panel, layout.chunk() * terms * COLUMNS * i + 2 * W * v);
                BlockUnpacking.scales(layout, b.memory(), at + (long) BlockLayout.PLANE * layout.scales(), scales,
                        terms * COLUMNS * i + W * v, mins + terms * COLUMNS * i + W * v);
            }
        }
    }

    /** Adds the products of a block's rows with an unpacked span to their sums. */
    private static void tiles(int[] codes, Block block, int rows, BlockMatrix b, int from, int count, short[] panel,
            float[] scales, int mins, float[] sums) {
        BlockLayout layout = b.layout();
        int perBlock = layout.columns() / layout.chunk() * layout.terms(), pairs = layout.chunk() / 2;
        int terms = count * perBlock, words = BlockKernels.rowWords(layout, b.columns());
        int code = pairs * perBlock * from;
        int extra = BlockKernels.codeWords(layout, b.columns()) + EXTRA * perBlock * from;
        int spare = SPAN * layout.terms() * COLUMNS, tiled = Math.min(BlockKernels.tiled(rows), block.toRow());
        int i = block.fromRow();
        for (; i < tiled; i += TILE) {
            BlockTile.four(panel, spare, scales, codes, words * i + TILE * code, words * i + TILE * extra, terms, pairs,
                    sums, (i - block.fromRow()) * COLUMNS);
        }
        for (; i < block.toRow(); i++) {
            BlockTile.one(panel, scales, codes, words * i + code, words * i + extra, terms, pairs, sums,
                    (i - block.fromRow()) * COLUMNS);
        }
        if (!layout.scaling().hasMin()) return;
        for (i = block.fromRow(); i < block.toRow(); i++) {
            boolean inTile = i < tiled;
            int e = inTile ? words * (i / TILE * TILE) + i % TILE + TILE * (extra + 2) : words * i + extra + 2;
            BlockTile.mins(scales, mins, codes, e, inTile ? TILE * EXTRA : EXTRA, terms, sums,
                    (i - block.fromRow()) * COLUMNS);
        }
    }

    @Override
    public void decode(BlockMatrix b, int fromRow, int toRow, PackedMatrix to) {
        new ScalarBlockKernels().decode(b, fromRow, toRow, to);
    }
}
