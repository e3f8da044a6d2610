package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Products on the Vector API, by register tiles ({@link RegisterTile}). The panels of a tile pass over all rows of a
 * block before the next ones come, so that they are read from memory once. The sums of a tile go through an array in the level 1
 * cache, where the epilogue is done to them step by step and ragged edges are cut off.
 */
public final class VectorMatrixKernels implements MatrixKernels {
    private static final int COLUMNS = RegisterTile.COLUMNS;

    /**
     * Columns of A that are gone through at a time, at most: with more, the panels of a tile are read from the next
     * cache, and so few rows of A stay near that all of B passes by too often.
     */
    private static final int DEPTH = 768;
    /** Bytes of partial sums: a quarter of a level 2 cache of 1 MB. */
    private static final int PARTIAL_BYTES = 256 << 10;

    /** For the last panel of an odd number. */
    private static final Tile6x2 NARROW = new Tile6x2();

    private final RegisterTile tile;

    VectorMatrixKernels() {
        this(RegisterTile.BEST);
    }

    VectorMatrixKernels(RegisterTile tile) {
        this.tile = tile;
    }

    @Override
    public String name() {
        return "vector-" + Lanes.FLOATS.vectorBitSize();
    }

    @Override
    public int tileRows() {
        return RegisterTile.ROWS;
    }

    @Override
    public int panelColumns() {
        return COLUMNS;
    }

    @Override
    public void pack(Matrix b, MemorySegment to, int fromPanel, int toPanel) {
        Shapes.checkPack(this, b, to, fromPanel, toPanel);
        for (int p = fromPanel; p < toPanel; p++) {
            int column = p * COLUMNS;
            Panels.pack(b.columns(column, Math.min(b.columns(), column + COLUMNS)), to, panelOffset(b.rows(), p));
        }
    }

    private static long panelOffset(int depth, int panel) {
        return (long) Float.BYTES * COLUMNS * depth * panel;
    }

    @Override
    public int blockDepth(int depth) {
        return Math.ceilDiv(depth, Math.max(1, Math.ceilDiv(depth, DEPTH)));
    }

    @Override
    public void multiply(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch) {
        Shapes.checkMultiply(this, a, b, c, epilogue, block);
        int step = b.rows() <= DEPTH ? block.toPanel() - block.fromPanel() : panelsAtOnce(block);
        for (int p = block.fromPanel(); p < block.toPanel(); p += step) {
            products(a, b, c, epilogue, block.panels(p, Math.min(block.toPanel(), p + step)), scratch);
        }
        ActivationPass.run(epilogue.activation(), c, block.fromRow(), block.toRow(), block.fromPanel() * COLUMNS,
                Math.min(c.columns(), block.toPanel() * COLUMNS));
    }

    /** Panels whose partial sums a cache holds, at least those of a tile. */
    private int panelsAtOnce(Block block) {
        int bytes = Float.BYTES * COLUMNS * tile.panels() * (block.toRow() - block.fromRow());
        return Math.max(1, PARTIAL_BYTES / Math.max(1, bytes)) * tile.panels();
    }

    /** A block, some columns of A after the other; sums that are not complete wait in scratch memory. */
    private void products(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch) {
        int step = blockDepth(b.rows()), end = b.rows() - step;
        int tiles = Math.ceilDiv(block.toRow() - block.fromRow(), RegisterTile.ROWS);
        int tileRow = RegisterTile.ROWS * COLUMNS * tiles;
        float[] partial = end > 0 ? scratch.partial(tileRow * (block.toPanel() - block.fromPanel())) : null;
        for (int k = 0; k == 0 || k < b.rows(); k += step) {
            Depth depth = new Depth(k, Math.min(step, b.rows() - k), k >= end);
            for (int p = block.fromPanel(); p < block.toPanel(); p += tile.panels()) {
                boolean whole = p + tile.panels() <= block.toPanel();
                products(whole ? tile : NARROW, a, b, c, epilogue, block, p, depth, partial,
                        tileRow * (p - block.fromPanel()), scratch);
            }
        }
    }

    /** Columns {@code [from, from + count)} of A. */
    private record Depth(int from, int count, boolean last) {
    }

    /**
     * All rows of a block, and the panels of one tile from {@code panel} on.
     *
     * @param partial sums so far, of these panels from {@code at} on
     */
    private static void products(RegisterTile tile, Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block,
            int panel, Depth depth, float[] partial, int at, Scratch scratch) {
        int width = tile.panels() * COLUMNS, column = panel * COLUMNS, columns = Math.min(width, c.columns() - column);
        int size = RegisterTile.ROWS * width, next = at;
        float[] sums = scratch.tile(size);
        long from = panelOffset(b.rows(), panel) + (long) Float.BYTES * COLUMNS * depth.from;
        for (int row = block.fromRow(); row < block.toRow(); row += RegisterTile.ROWS, next += size) {
            int rows = Math.min(RegisterTile.ROWS, block.toRow() - row);
            if (depth.from == 0) Arrays.fill(sums, 0, size, 0);
            else System.arraycopy(partial, next, sums, 0, size);
            tile.products(a.memory(), a.offset(row, depth.from), a.rowBytes(), a.columnBytes(), rows, b.memory(), from,
                    panelOffset(b.rows(), 1), depth.count, sums);
            if (depth.last) TileFinish.finish(sums, width, rows, columns, c, epilogue, row, column);
            else System.arraycopy(sums, 0, partial, next, size);
        }
    }
}
