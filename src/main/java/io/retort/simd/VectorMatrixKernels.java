package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * Products on the Vector API, by register tiles ({@link RegisterTile}). A panel of B passes over all rows of a block
 * before the next one comes, so that it is read from memory once. The sums of a tile go through an array in the level 1
 * cache, where the epilogue is done to them step by step and ragged edges are cut off.
 */
public final class VectorMatrixKernels implements MatrixKernels {
    private static final int COLUMNS = RegisterTile.COLUMNS;

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
        return tile.rows();
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
        float[] sums = scratch.tile(tile.rows() * COLUMNS);
        for (int p = block.fromPanel(); p < block.toPanel(); p++) {
            int column = p * COLUMNS, columns = Math.min(COLUMNS, c.columns() - column);
            long panel = panelOffset(b.rows(), p);
            for (int row = block.fromRow(); row < block.toRow(); row += tile.rows()) {
                int rows = Math.min(tile.rows(), block.toRow() - row);
                tile.products(a.memory(), a.offset(row, 0), a.rowBytes(), a.columnBytes(), rows, b.memory(), panel,
                        b.rows(), sums);
                TileFinish.finish(sums, rows, columns, c, epilogue, row, column);
            }
        }
        ActivationPass.run(epilogue.activation(), c, block.fromRow(), block.toRow(), block.fromPanel() * COLUMNS,
                Math.min(c.columns(), block.toPanel() * COLUMNS));
    }
}
