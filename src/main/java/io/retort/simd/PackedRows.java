package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Packs left-hand sides of products for {@link RegisterTile}: of each tile's rows {@code [depth, ROWS]}. */
final class PackedRows {
    private static final int ROWS = RegisterTile.ROWS;
    private static final long COLUMN_BYTES = (long) Float.BYTES * ROWS;
    /** The shortest vector that holds a tile's column of A. */
    private static final VectorSpecies<Float> COLUMN = FloatVector.SPECIES_256;
    /** A float that is only copied. */
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
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
        MemorySegment packed = OffHeap.of(buffer.atLeast(tileBytes(depth) * tiles.length + COLUMN.vectorByteSize()));
        for (int t = 0; t < tiles.length; t++) {
            int row = fromRow + t * ROWS;
            long at = t * tileBytes(depth);
            tiles[t] = packed.asSlice(at, tileBytes(depth));
            if (a.rowStride() == 1 && row + ROWS <= toRow) {
                boolean room = WIDE && row + COLUMN.length() <= a.rows();
                if (room) wideColumns(source, a.offset(row, fromColumn), a.columnBytes(), depth, packed, at);
                else columns(source, a.offset(row, fromColumn), a.columnBytes(), depth, packed, at);
                continue;
            }
            if (a.columnStride() == 1 && row + ROWS <= toRow && depth > 0) {
                sixRows(source, a.offset(row, fromColumn), a.rowBytes(), depth, tiles[t]);
                continue;
            }
            if (row + ROWS > toRow) tiles[t].fill((byte) 0);
            for (int i = 0; i < Math.min(ROWS, toRow - row); i++) {
                long from = a.offset(row + i, fromColumn);
                if (a.columnStride() == 1) row(source, from, depth, packed, at + (long) Float.BYTES * i);
                else row(source, from, a.columnBytes(), depth, packed, at + (long) Float.BYTES * i);
            }
        }
        return tiles;
    }

    /** Packs a tile whose rows have no gaps, a column at a time: half of the time that a row after the other takes. */
    private static void sixRows(MemorySegment a, long from, long rowBytes, int depth, MemorySegment to) {
        long length = (long) Float.BYTES * depth;
        MemorySegment row0 = a.asSlice(from, length), row1 = a.asSlice(from + rowBytes, length);
        MemorySegment row2 = a.asSlice(from + 2 * rowBytes, length), row3 = a.asSlice(from + 3 * rowBytes, length);
        MemorySegment row4 = a.asSlice(from + 4 * rowBytes, length), row5 = a.asSlice(from + 5 * rowBytes, length);
        for (int k = 0; k < depth; k++) {
            long x = (long) Float.BYTES * k, y = COLUMN_BYTES * k;
            to.set(BITS, y, row0.get(BITS, x));
            to.set(BITS, y + 4, row1.get(BITS, x));
            to.set(BITS, y + 8, row2.get(BITS, x));
            to.set(BITS, y + 12, row3.get(BITS, x));
            to.set(BITS, y + 16, row4.get(BITS, x));
            to.set(BITS, y + 20, row5.get(BITS, x));
        }
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

    /** The same by vectors that hold more than a column: what is too much, the next column overwrites. */
    private static void wideColumns(MemorySegment a, long from, long columnBytes, int depth, MemorySegment to,
            long at) {
        for (int k = 0; k < depth; k++) {
            FloatVector.fromMemorySegment(COLUMN, a, from + columnBytes * k, LITTLE_ENDIAN)
                    .intoMemorySegment(to, at + COLUMN_BYTES * k, LITTLE_ENDIAN);
        }
    }
}
