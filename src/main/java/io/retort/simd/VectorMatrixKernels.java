package io.retort.simd;

import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products on the Vector API, by register tiles ({@link RegisterTile}). The panels of a tile pass over all rows of a
 * block before the next ones come, so that they are read from memory once. The sums of a tile go through an array in the level 1
 * cache, where the epilogue is done to them step by step and ragged edges are cut off.
 */
public final class VectorMatrixKernels implements MatrixKernels {
    private static final int COLUMNS = RegisterTile.COLUMNS;

    /** Bytes of partial sums: a quarter of a level 2 cache of 1 MB. */
    private static final int PARTIAL_BYTES = 256 << 10;

    /** The tile for the last panel where their number is odd. */
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

    @Override
    public void packAtStart(Matrix b, MemorySegment to, int fromPanel, int toPanel) {
        Shapes.checkPack(this, b, to, fromPanel, toPanel);
        for (int p = fromPanel; p < toPanel; p++) {
            int column = p * COLUMNS;
            PlainPanels.pack(b.columns(column, Math.min(b.columns(), column + COLUMNS)), COLUMNS, to,
                    panelOffset(b.rows(), p));
        }
    }

    private static long panelOffset(int depth, int panel) {
        return (long) Float.BYTES * COLUMNS * depth * panel;
    }

    @Override
    public void multiply(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch) {
        Shapes.checkMultiply(this, a, b, c, epilogue, block);
        int step = b.rows() <= SPAN ? block.toPanel() - block.fromPanel() : panelsAtOnce(block);
        for (int p = block.fromPanel(); p < block.toPanel(); p += step) {
            products(a, b, c, epilogue, block.panels(p, Math.min(block.toPanel(), p + step)), scratch);
        }
        ActivationPass.run(epilogue.activation(), c, block.fromRow(), block.toRow(), block.fromPanel() * COLUMNS,
                Math.min(c.columns(), block.toPanel() * COLUMNS));
    }

    @Override
    public BlockKernels blocks() {
        return new ScalarBlockKernels();
    }

    /** Panels whose partial sums a cache holds, at least those of a tile. */
    private int panelsAtOnce(Block block) {
        int bytes = Float.BYTES * COLUMNS * tile.panels() * (block.toRow() - block.fromRow());
        return Math.max(1, PARTIAL_BYTES / Math.max(1, bytes)) * tile.panels();
    }

    /** Computes a block, one span of A's columns after the other; sums that are not complete wait in scratch memory. */
    private void products(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch) {
        int tiles = Math.ceilDiv(block.toRow() - block.fromRow(), RegisterTile.ROWS);
        int tileRow = RegisterTile.ROWS * COLUMNS * tiles;
        float[] partial = b.rows() > SPAN
                ? scratch.partial(tileRow * (block.toPanel() - block.fromPanel()))
                : null;
        for (int k = 0; k == 0 || k < b.rows(); k += SPAN) {
            for (int p = block.fromPanel(); p < block.toPanel(); p += tile.panels()) {
                boolean whole = p + tile.panels() <= block.toPanel();
                products(whole ? tile : NARROW, a, b, c, epilogue, block, p, k, partial,
                        tileRow * (p - block.fromPanel()), scratch);
            }
        }
    }

    /**
     * Computes all rows of a block for the panels of one tile from {@code panel} on and the span of A's columns from
     * {@code k} on.
     *
     * @param partial sums of the spans before, of these panels from {@code at} on
     */
    private static void products(RegisterTile tile, Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block,
            int panel, int k, float[] partial, int at, Scratch scratch) {
        int width = tile.panels() * COLUMNS, column = panel * COLUMNS, columns = Math.min(width, c.columns() - column);
        int size = RegisterTile.ROWS * width, next = at, depth = Math.min(SPAN, b.rows() - k);
        boolean last = k + depth == b.rows();
        float[] sums = scratch.tile(size);
        long from = panelOffset(b.rows(), panel) + (long) Float.BYTES * COLUMNS * k;
        for (int row = block.fromRow(); row < block.toRow(); row += RegisterTile.ROWS, next += size) {
            int rows = Math.min(RegisterTile.ROWS, block.toRow() - row);
            tile.products(a.memory(), a.offset(row, k), a.rowBytes(), a.columnBytes(), rows, b.memory(), from,
                    panelOffset(b.rows(), 1), depth, sums);
            if (k > 0) add(partial, next, sums, size);
            if (last) TileFinish.finish(sums, width, rows, columns, c, epilogue, row, column);
            else System.arraycopy(sums, 0, partial, next, size);
        }
    }

    /** Adds the sums of earlier spans of A's columns to those of a tile. */
    private static void add(float[] partial, int at, float[] sums, int size) {
        for (int i = 0; i < size; i += Lanes.COUNT) {
            FloatVector before = FloatVector.fromArray(Lanes.FLOATS, partial, at + i);
            before.add(FloatVector.fromArray(Lanes.FLOATS, sums, i)).intoArray(sums, i);
        }
    }

    /**
     * The activation of a finished block of a product, while most of it is in the caches. Not done tile by tile: together
     * with the rest of {@link TileFinish} it is more than the JIT compiler inlines, and then takes half as long as the
     * product.
     */
    private static final class ActivationPass {
        private static final VectorSpecies<Float> S = Lanes.FLOATS;
        private static final int W = Lanes.COUNT;

        private ActivationPass() {
        }

        /**
         * Applies the activation in place to rows {@code [fromRow, toRow)} of columns {@code [fromColumn, toColumn)} of
         * C.
         */
        static void run(Activation activation, Matrix c, int fromRow, int toRow, int fromColumn, int toColumn) {
            if (activation == Activation.NONE) return;
            int columns = toColumn - fromColumn;
            for (int row = fromRow; row < toRow; row++) {
                long at = c.offset(row, fromColumn);
                if (c.columnStride() != 1) elements(activation, c, at, columns);
                else if (activation == Activation.GELU) gelu(c.memory(), at, columns);
                else geluTanh(c.memory(), at, columns);
            }
        }

        private static void gelu(MemorySegment c, long at, int columns) {
            int whole = Vectors.whole(columns);
            for (int j = 0; j < whole; j += W) put(VectorMath.gelu(get(c, at + 4L * j)), c, at + 4L * j);
            if (whole == columns) return;
            VectorMask<Float> rest = Vectors.rest(columns);
            put(VectorMath.gelu(get(c, at + 4L * whole, rest)), c, at + 4L * whole, rest);
        }

        private static void geluTanh(MemorySegment c, long at, int columns) {
            int whole = Vectors.whole(columns);
            for (int j = 0; j < whole; j += W) put(VectorMath.geluTanh(get(c, at + 4L * j)), c, at + 4L * j);
            if (whole == columns) return;
            VectorMask<Float> rest = Vectors.rest(columns);
            put(VectorMath.geluTanh(get(c, at + 4L * whole, rest)), c, at + 4L * whole, rest);
        }

        /** Applies the activation where columns have gaps between them: the same arithmetic, an element at a time. */
        private static void elements(Activation activation, Matrix c, long at, int columns) {
            MemorySegment memory = OffHeap.of(c.memory());
            for (int j = 0; j < columns; j++) {
                FloatVector x = FloatVector.broadcast(S, memory.get(Matrix.FLOAT, at + j * c.columnBytes()));
                FloatVector y = activation == Activation.GELU ? VectorMath.gelu(x) : VectorMath.geluTanh(x);
                memory.set(Matrix.FLOAT, at + j * c.columnBytes(), y.lane(0));
            }
        }
    }
}
