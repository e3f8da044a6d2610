package io.retort.gpu;

/**
 * How rows lie on a card: in tiles of {@value #TILE}, of each tile chunk after chunk of {@value #CHUNK} bytes, of each
 * chunk row after row.
 *
 * @param count rows
 * @param dims  of a row
 */
record ScanShape(int count, int dims, ScreenFormat format) {
    /** Rows of a tile; they share a scale. */
    static final int TILE = 64;
    /** Bytes of a row that lie together. */
    static final int CHUNK = 16;
    /** More dims than the bounds are proved for: dot products of codes must not overflow. */
    static final int MOST_DIMS = 1 << 16;
    /** Chunks that kernels take at a time. */
    private static final int STEP = 8;
    /** Floats that are summed side by side, {@link io.retort.simd.Kernels}. */
    private static final int LANES = 16;

    ScanShape {
        if (count < 1) throw new IllegalArgumentException("count: " + count);
        if (dims < 1 || dims > MOST_DIMS) throw new IllegalArgumentException("dims: " + dims);
    }

    /** Tiles, the last one perhaps with rows that are none. */
    int tiles() {
        return (int) (((long) count + TILE - 1) / TILE);
    }

    /** Chunks of a row. */
    int chunks() {
        int bytes = STEP * CHUNK;
        return (dims * format.bytes() + bytes - 1) / bytes * STEP;
    }

    /** Codes of a chunk. */
    int codesPerChunk() {
        return CHUNK / format.bytes();
    }

    /** Dims of a query, with zeros behind. */
    int paddedDims() {
        return (dims + LANES - 1) / LANES * LANES;
    }

    /** Bytes of the codes of all tiles. */
    long codeBytes() {
        return (long) tiles() * tileBytes();
    }

    /** Bytes of what bounds the scores: of each tile a scale, of each tile and row an error and a length. */
    long slackBytes() {
        return tiles() * (4L + 8 + 8 * TILE);
    }

    /** Bytes of the codes of a tile. */
    int tileBytes() {
        return chunks() * TILE * CHUNK;
    }

    /** Bytes of the rows as they are. */
    long floatBytes() {
        return 4L * count * dims;
    }
}
