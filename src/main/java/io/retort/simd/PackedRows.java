package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Packs left-hand sides of products for {@link RegisterTile}: of each tile's rows {@code [depth, STRIDE]}. */
final class PackedRows {
    private static final int ROWS = RegisterTile.ROWS;
    private static final long COLUMN_BYTES = RegisterTile.COLUMN_BYTES;
    /** A vector that holds a tile's column of A, and what nobody reads after it. */
    private static final VectorSpecies<Float> COLUMN = FloatVector.SPECIES_256;
    /** Of lanes that have this bit in their number. */
    private static final VectorMask<Float> BIT_4 = Butterfly.lanesWith(COLUMN, 4),
            BIT_2 = Butterfly.lanesWith(COLUMN, 2),
            BIT_1 = Butterfly.lanesWith(COLUMN, 1);
    /** Each lane l and l ^ 4, 2 or 1 exchanged. */
    private static final VectorShuffle<Float> BY_4 = Butterfly.swap(COLUMN, 4), BY_2 = Butterfly.swap(COLUMN, 2),
            BY_1 = Butterfly.swap(COLUMN, 1);
    private static final boolean WIDE = Lanes.COUNT >= COLUMN.length();

    private PackedRows() {
    }

    /** Bytes of one tile. */
    static long tileBytes(int depth) {
        return COLUMN_BYTES * depth;
    }

    /**
     * Packs rows {@code [fromRow, toRow)} and columns {@code [fromColumn, fromColumn + depth)} of A. The last tile is
     * filled up with zeros.
     *
     * @return the memory of each tile
     */
    static MemorySegment[] pack(Matrix a, int fromRow, int toRow, int fromColumn, int depth, Scratch.Buffer buffer) {
        MemorySegment[] tiles = new MemorySegment[Math.ceilDiv(toRow - fromRow, ROWS)];
        MemorySegment source = OffHeap.of(a.memory());
        MemorySegment packed = OffHeap.of(buffer.atLeast(tileBytes(depth) * tiles.length));
        // Every element of a matrix lies in its memory; that this has not been freed is asked here, once.
        long base = AllMemory.addressOf(source, Math.min(1, source.byteSize())), room = packed.address();
        int wide = 0, quads = depth & -4;
        if (WIDE && a.rowStride() == 1) {
            wide = Math.min(toRow - fromRow, a.rows() - fromRow - COLUMN.length() + ROWS) / ROWS;
            quads(base + a.offset(fromRow, fromColumn), a.columnBytes(), quads, room, tileBytes(depth), wide);
        }
        for (int t = 0; t < tiles.length; t++) {
            int row = fromRow + t * ROWS;
            long at = t * tileBytes(depth);
            tiles[t] = packed.asSlice(at, tileBytes(depth));
            if (a.rowStride() == 1 && row + ROWS <= toRow) {
                int done = t < wide ? quads : 0;
                columns(source, a.offset(row, fromColumn + done), a.columnBytes(), depth - done, packed,
                        at + COLUMN_BYTES * done);
                continue;
            }
            if (row + ROWS > toRow) tiles[t].fill((byte) 0);
            boolean isDense = a.columnStride() == 1;
            int squares = isDense && WIDE && row + ROWS <= toRow ? depth / COLUMN.length() * COLUMN.length() : 0;
            if (squares > 0) squares(base + a.offset(row, fromColumn), a.rowBytes(), squares, room + at);
            if (squares == depth) continue;
            for (int i = 0; i < Math.min(ROWS, toRow - row); i++) {
                long from = a.offset(row + i, fromColumn + squares), to = at + COLUMN_BYTES * squares + 4L * i;
                if (isDense) row(source, from, depth - squares, packed, to);
                else row(source, from, a.columnBytes(), depth, packed, to);
            }
        }
        return tiles;
    }

    /**
     * Packs as many columns at a time as a vector has lanes, of a tile whose rows have no gaps: six rows of a square,
     * transposed in registers as {@link Panels} does it in memory.
     */
    private static void squares(long a, long rowBytes, int depth, long to) {
        long row0 = AllMemory.positive(a), row1 = AllMemory.positive(a + rowBytes);
        long row2 = AllMemory.positive(a + 2 * rowBytes), row3 = AllMemory.positive(a + 3 * rowBytes);
        long row4 = AllMemory.positive(a + 4 * rowBytes), row5 = AllMemory.positive(a + 5 * rowBytes);
        long start = AllMemory.positive(to);
        for (int k = 0; k < depth; k += 8) {
            long x = (long) Float.BYTES * k, y = start + COLUMN_BYTES * k;
            FloatVector r0 = load(row0 + x), r1 = load(row1 + x), r2 = load(row2 + x);
            FloatVector r3 = load(row3 + x), r4 = load(row4 + x), r5 = load(row5 + x);
            FloatVector s0 = r0.blend(r4.rearrange(BY_4), BIT_4), s4 = r0.rearrange(BY_4).blend(r4, BIT_4);
            FloatVector s1 = r1.blend(r5.rearrange(BY_4), BIT_4), s5 = r1.rearrange(BY_4).blend(r5, BIT_4);
            FloatVector s6 = r2.rearrange(BY_4), s7 = r3.rearrange(BY_4);
            FloatVector t0 = s0.blend(r2.rearrange(BY_2), BIT_2), t2 = s0.rearrange(BY_2).blend(r2, BIT_2);
            FloatVector t1 = s1.blend(r3.rearrange(BY_2), BIT_2), t3 = s1.rearrange(BY_2).blend(r3, BIT_2);
            store(t0.blend(t1.rearrange(BY_1), BIT_1), y);
            store(t0.rearrange(BY_1).blend(t1, BIT_1), y + COLUMN_BYTES);
            store(t2.blend(t3.rearrange(BY_1), BIT_1), y + 2 * COLUMN_BYTES);
            store(t2.rearrange(BY_1).blend(t3, BIT_1), y + 3 * COLUMN_BYTES);
            FloatVector t4 = s4.blend(s6.rearrange(BY_2), BIT_2), t6 = s4.rearrange(BY_2).blend(s6, BIT_2);
            FloatVector t5 = s5.blend(s7.rearrange(BY_2), BIT_2), t7 = s5.rearrange(BY_2).blend(s7, BIT_2);
            store(t4.blend(t5.rearrange(BY_1), BIT_1), y + 4 * COLUMN_BYTES);
            store(t4.rearrange(BY_1).blend(t5, BIT_1), y + 5 * COLUMN_BYTES);
            store(t6.blend(t7.rearrange(BY_1), BIT_1), y + 6 * COLUMN_BYTES);
            store(t6.rearrange(BY_1).blend(t7, BIT_1), y + 7 * COLUMN_BYTES);
        }
    }

    private static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(COLUMN, AllMemory.MEMORY, address, LITTLE_ENDIAN);
    }

    private static void store(FloatVector column, long address) {
        column.intoMemorySegment(AllMemory.MEMORY, address, LITTLE_ENDIAN);
    }

    /** Packs a row without gaps. */
    private static void row(MemorySegment a, long from, int depth, MemorySegment to, long at) {
        for (int k = 0; k < depth; k++) to.set(Matrix.FLOAT, at + COLUMN_BYTES * k, a.get(Matrix.FLOAT, from + 4L * k));
    }

    private static void row(MemorySegment a, long from, long columnBytes, int depth, MemorySegment to, long at) {
        for (int k = 0; k < depth; k++) {
            to.set(Matrix.FLOAT, at + COLUMN_BYTES * k, a.get(Matrix.FLOAT, from + columnBytes * k));
        }
    }

    /** Packs a tile whose rows lie side by side, as those of a transposed matrix do. */
    private static void columns(MemorySegment a, long from, long columnBytes, int depth, MemorySegment to, long at) {
        for (int k = 0; k < depth; k++) {
            long x = from + columnBytes * k, y = at + COLUMN_BYTES * k;
            for (int i = 0; i < ROWS; i++) to.set(Matrix.FLOAT, y + 4L * i, a.get(Matrix.FLOAT, x + 4L * i));
        }
    }

    /**
     * Packs tiles whose rows lie side by side by vectors, which bring two of the next rows along, four columns of all
     * tiles after the other: then the columns are read from their start to their end.
     *
     * @param depth     a multiple of four
     * @param tileBytes from a tile to the next
     */
    private static void quads(long a, long columnBytes, int depth, long to, long tileBytes, int tiles) {
        for (int k = 0; k < depth; k += 4) {
            long x0 = AllMemory.positive(a + columnBytes * k), x1 = AllMemory.positive(x0 + columnBytes);
            long x2 = AllMemory.positive(x1 + columnBytes), x3 = AllMemory.positive(x2 + columnBytes);
            for (int t = 0; t < tiles; t++) {
                long row = (long) Float.BYTES * ROWS * t, y = AllMemory.positive(to + COLUMN_BYTES * k + tileBytes * t);
                FloatVector c0 = load(x0 + row), c1 = load(x1 + row), c2 = load(x2 + row), c3 = load(x3 + row);
                store(c0, y);
                store(c1, y + COLUMN_BYTES);
                store(c2, y + 2 * COLUMN_BYTES);
                store(c3, y + 3 * COLUMN_BYTES);
            }
        }
    }
}
