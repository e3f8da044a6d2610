package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loop of {@link VectorMatrixKernels}: {@value #ROWS} rows of A against a panel or two of B, each two vectors
 * wide, with all sums in registers from the first column of A to the last.
 *
 * <p>A is packed before, {@code [K, STRIDE]} of each tile ({@link PackedRows}). Read where it lies, each of its rows costs a
 * check of bounds and two additions for each column, and registers for them: then the JIT compiler keeps some sums in
 * memory, and a tile reaches 0.7 of the peak instead of all of it.
 */
sealed interface RegisterTile permits Tile6x2, Tile6x4 {
    /** The tile that this machine's registers hold: 32 with AVX-512 and on ARM, else 16. */
    RegisterTile BEST = FloatVector.SPECIES_PREFERRED.length() >= 16 || System.getProperty("os.arch").equals("aarch64")
            ? new Tile6x4()
            : new Tile6x2();

    /** Rows of a tile. */
    int ROWS = 6;

    /**
     * Numbers from a column of packed A to the next, of which the last two are nothing: with a power of two the addresses of
     * A and of B follow from one counter by a shift, two instructions less for a column.
     */
    int STRIDE = 8;
    /** Bytes of a column of packed A. */
    int COLUMN_BYTES = Float.BYTES * STRIDE;

    /** Columns of a panel: two vectors. */
    int COLUMNS = 2 * Lanes.COUNT;
    /** Bytes of a vector of B, and of a row of a panel. */
    int VECTOR_BYTES = Float.BYTES * Lanes.COUNT, ROW_BYTES = Float.BYTES * COLUMNS;
    /** Bytes of a panel for a byte of packed A. */
    long STEP = ROW_BYTES / COLUMN_BYTES;

    /** A broadcast of a float's bits is one instruction from memory; that of a float is three at times. */
    VectorSpecies<Integer> BITS = VectorSpecies.of(int.class, Lanes.FLOATS.vectorShape());
    ValueLayout.OfInt FLOAT_BITS = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Number of panels of a tile; they lie side by side in a packed matrix. */
    int panels();

    /**
     * Adds to {@code from[at + COLUMNS panels() i + j]} the products {@code a[i, k] b[k, j]}, in the order of k, and puts
     * the sums into {@code to[toAt + ...]}. The two arrays may be one.
     *
     * <p>Segments are read from their start on, so that bounds are checked once, ahead of the loop.
     *
     * @param rows   a, packed {@code [depth, STRIDE]}
     * @param panels b, {@code [depth, COLUMNS]} of each panel
     * @param from   sums so far, {@code [ROWS, panels() COLUMNS]}
     */
    void products(MemorySegment rows, MemorySegment[] panels, int depth, float[] from, int at, float[] to, int toAt);
}
