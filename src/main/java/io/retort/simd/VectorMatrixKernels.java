package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * Products on the Vector API, by register tiles ({@link RegisterTile}). The panels of a tile pass over all rows of a
 * block before the next ones come, so that they are read from memory once. The sums of a tile go through an array in the level 1
 * cache, where the epilogue is done to them step by step and ragged edges are cut off.
 */
public final class VectorMatrixKernels implements MatrixKernels {
    private static final int COLUMNS = RegisterTile.COLUMNS;

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
    public void multiply(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch) {
        Shapes.checkMultiply(this, a, b, c, epilogue, block);
        for (int p = block.fromPanel(); p < block.toPanel(); p += tile.panels()) {
            boolean whole = p + tile.panels() <= block.toPanel();
            multiply(whole ? tile : NARROW, a, b, c, epilogue, block, p, scratch);
        }
        ActivationPass.run(epilogue.activation(), c, block.fromRow(), block.toRow(), block.fromPanel() * COLUMNS,
                Math.min(c.columns(), block.toPanel() * COLUMNS));
    }

    /** All rows of a block, and the panels of one tile from {@code panel} on. */
    private static void multiply(RegisterTile tile, Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block,
            int panel, Scratch scratch) {
        int width = tile.panels() * COLUMNS, column = panel * COLUMNS, columns = Math.min(width, c.columns() - column);
        float[] sums = scratch.tile(RegisterTile.ROWS * width);
        long from = panelOffset(b.rows(), panel);
        for (int row = block.fromRow(); row < block.toRow(); row += RegisterTile.ROWS) {
            int rows = Math.min(RegisterTile.ROWS, block.toRow() - row);
            tile.products(a.memory(), a.offset(row, 0), a.rowBytes(), a.columnBytes(), rows, b.memory(), from,
                    b.rows(), sums);
            TileFinish.finish(sums, width, rows, columns, c, epilogue, row, column);
        }
    }
}
