package io.retort.simd;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The inner loop of {@link VectorMatrixKernels}: {@value #ROWS} rows of A against a panel or two of B, each two vectors
 * wide, with all sums in registers from the first column of A to the last.
 *
 * <p>A is read where it lies, an element at a time, broadcast to all lanes. Copying it into tiles first gains nothing,
 * neither for rows at any distance nor for transposed views: the elements of a tile come from six cache lines, each
 * used several times while it is near.
 */
sealed interface RegisterTile permits Tile6x2, Tile6x4 {
    /** The tile that this machine's registers hold: 32 with AVX-512 and on ARM, else 16. */
    RegisterTile BEST = FloatVector.SPECIES_PREFERRED.length() >= 16 || System.getProperty("os.arch").equals("aarch64")
            ? new Tile6x4()
            : new Tile6x2();

    /** Rows of a tile. */
    int ROWS = 6;

    /** Columns of a panel: two vectors. */
    int COLUMNS = 2 * Lanes.COUNT;

    /** Number of panels of a tile; they lie side by side in a packed matrix. */
    int panels();

    /**
     * {@code sums[COLUMNS panels() i + j] = sum over k of a[i, k] b[k, j]}, in the order of k.
     *
     * @param offset      of a[0, 0] in bytes; a[i, k] is at {@code offset + i rowBytes + k columnBytes}
     * @param rows        rows there are, 1 to {@value #ROWS}; the last one stands in for those beyond
     * @param panels      holds b, {@code [depth, COLUMNS]} of each panel, the first at byte offset {@code from}
     * @param panelBytes  from a panel to the next
     * @param sums        {@code [ROWS, panels() COLUMNS]}
     */
    void products(MemorySegment a, long offset, long rowBytes, long columnBytes, int rows, MemorySegment panels,
            long from, long panelBytes, int depth, float[] sums);
}
