package io.retort.gpu;

import io.retort.simd.Rows;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Rows as {@link GpuRows} has them in a card's memory, here in plain arrays: the specification of
 * {@code quantizeTile} in {@code prepare.cuh}. Without codes all arrays are empty.
 */
final class ScalarRows {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The rows themselves, {@code floats} of the kernels. */
    final Rows rows;
    /** {@code [tiles][chunks][TILE][CHUNK]}. */
    final byte[] codes;
    /** {@code [tiles]}: what a code of 1 is worth. */
    final float[] scales;
    /** {@code [tiles]}: the largest error and norm of a tile's rows, {@code tileSlack} of the kernels. */
    final float[] tileErrors;
    final float[] tileNorms;
    /**
     * {@code [tiles * TILE]}: at least the length of what the codes leave of a row, and of the row; NaN where the last
     * tile has no row. {@code rowSlack} of the kernels.
     */
    final float[] rowErrors;
    final float[] rowNorms;
    private final ScanShape shape;

    ScalarRows(Rows rows, ScreenFormat format) {
        this.rows = rows;
        shape = new ScanShape(rows.count(), rows.dims(), format);
        int tiles = format.isCoded() ? shape.tiles() : 0;
        codes = new byte[format.isCoded() ? Math.toIntExact(shape.codeBytes()) : 0];
        scales = new float[tiles];
        tileErrors = new float[tiles];
        tileNorms = new float[tiles];
        rowErrors = new float[tiles * ScanShape.TILE];
        rowNorms = new float[tiles * ScanShape.TILE];
        for (int tile = 0; tile < tiles; tile++) quantizeTile(tile);
    }

    ScanShape shape() {
        return shape;
    }

    /** Where the bytes of a row's chunk begin. */
    int offset(int row, int chunk) {
        int tile = row / ScanShape.TILE, r = row % ScanShape.TILE;
        return ((tile * shape.chunks() + chunk) * ScanShape.TILE + r) * ScanShape.CHUNK;
    }

    private void quantizeTile(int tile) {
        int first = tile * ScanShape.TILE, end = Math.min(first + ScanShape.TILE, shape.count());
        float[][] floats = new float[end - first][];
        float largest = 0;
        for (int row = first; row < end; row++) {
            floats[row - first] = row(row);
            // Where x is NaN, so is the row's error, and with it the bounds: it is never found. The others do not mind.
            for (float x : floats[row - first]) if (Math.abs(x) > largest) largest = Math.abs(x);
        }
        scales[tile] = ScalarCodes.scaleOf(shape.format(), largest);
        for (int row = first; row < first + ScanShape.TILE; row++) {
            boolean missing = row >= end;
            rowErrors[row] = missing ? Float.NaN : encode(row, floats[row - first], scales[tile]);
            rowNorms[row] = missing ? Float.NaN : ScalarCodes.up(length(floats[row - first]));
            if (rowErrors[row] > tileErrors[tile]) tileErrors[tile] = rowErrors[row];
            if (rowNorms[row] > tileNorms[tile]) tileNorms[tile] = rowNorms[row];
        }
    }

    private float[] row(int row) {
        return rows.data().asSlice(rows.offset(row), rows.stride()).toArray(FLOAT);
    }

    /** Writes a row's codes and returns its error. */
    private float encode(int row, float[] x, float scale) {
        double squares = 0;
        int codesPerChunk = shape.codesPerChunk();
        for (int chunk = 0; chunk < shape.chunks(); chunk++) {
            int from = chunk * codesPerChunk, n = Math.min(x.length - from, codesPerChunk);
            squares += ScalarCodes.encode(shape.format(), x, from, n, scale, codes, offset(row, chunk));
        }
        return ScalarCodes.up(Math.sqrt(squares));
    }

    static double length(float[] x) {
        double squares = 0;
        for (float value : x) squares += (double) value * value;
        return Math.sqrt(squares);
    }
}
