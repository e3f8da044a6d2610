package io.retort.simd;

import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
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

    /** Bytes of partial sums: they are read and written once for hundreds of products each, so the last cache serves. */
    private static final int PARTIAL_BYTES = 2 << 20;

    /** Bytes of B that a tile reads of so many columns of A: half of a level 1 cache of 32 KB. */
    private static final int PANEL_BYTES = 16 << 10;
    /** Fewest columns of A that are taken at a time: with fewer, reading and writing sums would be felt. */
    private static final int LEAST_DEPTH = 128;

    /** Most columns of A that are packed at a time: shorter pieces of its rows come slowly from further away. */
    private static final int PACKED_COLUMNS = 512;

    /** Bytes of A that are packed at a time: half of a level 2 cache of 512 KB. */
    private static final long LEFT_BYTES = 256 << 10;

    /** Sums of nothing, of the largest tile. */
    private static final float[] ZEROS = new float[RegisterTile.ROWS * 2 * COLUMNS];

    /** The tile for the last panel where their number is odd. */
    private static final Tile6x2 NARROW = new Tile6x2();

    private final RegisterTile tile;
    /** Columns of A that are taken at a time, so that what a tile reads of B for them stays in the level 1 cache. */
    private final int columnsAtOnce;

    VectorMatrixKernels() {
        this(RegisterTile.BEST);
    }

    VectorMatrixKernels(RegisterTile tile) {
        this.tile = tile;
        this.columnsAtOnce = Math.max(LEAST_DEPTH, PANEL_BYTES / (tile.panels() * COLUMNS * Float.BYTES));
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
    public int tilePanels() {
        return tile.panels();
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
        int step = b.rows() <= PACKED_COLUMNS ? block.toPanel() - block.fromPanel() : panelsAtOnce(block);
        for (int p = block.fromPanel(); p < block.toPanel(); p += step) {
            products(a, b, c, epilogue, block.panels(p, Math.min(block.toPanel(), p + step)), scratch);
        }
        ActivationPass.run(epilogue.activation(), c, block.fromRow(), block.toRow(), block.fromPanel() * COLUMNS,
                Math.min(c.columns(), block.toPanel() * COLUMNS));
    }

    @Override
    public BlockKernels blocks() {
        return new VectorBlockKernels();
    }

    /** Panels whose partial sums a cache holds, at least those of a tile. */
    private int panelsAtOnce(Block block) {
        int bytes = Float.BYTES * COLUMNS * tile.panels() * (block.toRow() - block.fromRow());
        return Math.max(1, PARTIAL_BYTES / Math.max(1, bytes)) * tile.panels();
    }

    /**
     * Computes a block, some of A's columns after the other: so many at a time are packed that A is read along its rows,
     * and of these so many multiplied that what a tile reads of B stays in the level 1 cache. Sums that are not complete
     * wait in scratch memory.
     */
    private void products(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch) {
        int tiles = Math.ceilDiv(block.toRow() - block.fromRow(), RegisterTile.ROWS);
        int tileRow = RegisterTile.ROWS * COLUMNS * tiles;
        boolean packedOnce = b.rows() <= PACKED_COLUMNS;
        int size = tileRow * (packedOnce ? tile.panels() : block.toPanel() - block.fromPanel());
        float[] partial = b.rows() > columnsAtOnce ? scratch.partial(size) : null;
        float[] spans = b.rows() > SPAN ? scratch.spans(size) : null;
        int k = 0;
        do {
            int depth = depthFrom(k, b.rows(), PACKED_COLUMNS), tilesAtOnce = tilesAtOnce(depth);
            for (int row = block.fromRow(); row < block.toRow(); row += tilesAtOnce * RegisterTile.ROWS) {
                int toRow = Math.min(block.toRow(), row + tilesAtOnce * RegisterTile.ROWS);
                Part part = new Part(PackedRows.pack(a, row, toRow, k, depth, scratch.left), row, toRow, k, depth);
                List<Part> pieces = part.pieces(depthFrom(0, depth, columnsAtOnce));
                for (int p = block.fromPanel(); p < block.toPanel(); p += tile.panels()) {
                    RegisterTile fitting = p + tile.panels() <= block.toPanel() ? tile : NARROW;
                    int at = (packedOnce ? 0 : tileRow * (p - block.fromPanel()))
                            + fitting.panels() * COLUMNS * (row - block.fromRow());
                    Unfinished unfinished = new Unfinished(partial, spans, at);
                    for (Part piece : pieces) products(fitting, piece, b, c, epilogue, p, unfinished, scratch);
                }
            }
            k += depth;
        } while (k < b.rows());
    }

    /**
     * Number of A's columns, {@code most} at most, that are taken together from {@code k} on: never beyond the end of a
     * span.
     */
    private static int depthFrom(int k, int columns, int most) {
        int left = Math.min(SPAN - k % SPAN, columns - k);
        return left == 0 ? 0 : Math.ceilDiv(left, Math.ceilDiv(left, most));
    }

    /** Number of tiles whose rows are packed together. */
    private static int tilesAtOnce(int depth) {
        return (int) Math.max(1, LEFT_BYTES / Math.max(1, PackedRows.tileBytes(depth)));
    }

    /**
     * Some rows and columns of A.
     *
     * @param tiles these, packed, a tile each
     */
    private record Part(MemorySegment[] tiles, int fromRow, int toRow, int fromColumn, int depth) {
        /** The same in pieces of so many columns, the last of which may have fewer. */
        List<Part> pieces(int columns) {
            if (depth <= columns) return List.of(this);
            List<Part> pieces = new ArrayList<>();
            for (int from = 0; from < depth; from += columns) {
                int length = Math.min(columns, depth - from);
                MemorySegment[] slices = new MemorySegment[tiles.length];
                for (int t = 0; t < tiles.length; t++) {
                    slices[t] = tiles[t].asSlice(PackedRows.tileBytes(from), PackedRows.tileBytes(length));
                }
                pieces.add(new Part(slices, fromRow, toRow, fromColumn + from, length));
            }
            return pieces;
        }
    }

    /**
     * Sums that are not complete, from {@code at} on; each array is null where it is not needed.
     *
     * @param span  of the span of A's columns that is being summed
     * @param spans of the spans before
     */
    private record Unfinished(float[] span, float[] spans, int at) {
    }

    /** Computes all rows of a part for the panels of one tile from {@code panel} on. */
    private static void products(RegisterTile tile, Part part, PackedMatrix b, Matrix c, Epilogue epilogue, int panel,
            Unfinished unfinished, Scratch scratch) {
        int width = tile.panels() * COLUMNS, column = panel * COLUMNS, columns = Math.min(width, c.columns() - column);
        int size = RegisterTile.ROWS * width, at = unfinished.at, k = part.fromColumn, end = k + part.depth;
        boolean first = k % SPAN == 0, last = end == b.rows(), whole = last || end % SPAN == 0;
        float[] sums = scratch.tile(size);
        float[] from = first ? ZEROS : unfinished.span;
        float[] to = last || whole && k >= SPAN ? sums : whole ? unfinished.spans : unfinished.span;
        MemorySegment[] right = new MemorySegment[tile.panels()];
        for (int i = 0; i < right.length; i++) {
            long start = panelOffset(b.rows(), panel + i) + panelOffset(k, 1);
            right[i] = b.memory().asSlice(start, panelOffset(part.depth, 1));
        }
        for (int i = 0; i < part.tiles.length; i++, at += size) {
            tile.products(part.tiles[i], right, part.depth, from, first ? 0 : at, to, to == sums ? 0 : at);
            if (to != sums) continue;
            if (k >= SPAN) add(unfinished.spans, at, sums, size);
            if (last) {
                int row = part.fromRow + i * RegisterTile.ROWS, rows = Math.min(RegisterTile.ROWS, part.toRow - row);
                TileFinish.finish(sums, width, rows, columns, c, epilogue, row, column);
            } else System.arraycopy(sums, 0, unfinished.spans, at, size);
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
    static final class ActivationPass {
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
