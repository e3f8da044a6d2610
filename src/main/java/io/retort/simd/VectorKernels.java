package io.retort.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Kernels} on the Vector API, by register tiles of four rows and, in a batch, four queries. Ragged edges
 * repeat the last row or query rather than take another path.
 */
public final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> PREFERRED = FloatVector.SPECIES_PREFERRED;
    private static final int TILE = Dots.TILE;
    /** Rows that stay in the level 1 cache (32 KB and up) while all queries pass over them. */
    private static final int CACHED_BYTES = 24 << 10;

    private final int bits;
    private final Dots dots;

    VectorKernels() {
        this(Lanes.FLOATS.vectorBitSize());
    }

    /**
     * Makes kernels of one vector width.
     *
     * @param bits vector width: 128, 256 or 512, also where the machine's own is narrower (then slow)
     */
    VectorKernels(int bits) {
        this.bits = bits;
        this.dots = switch (bits) {
            case 128 -> new Dots128();
            case 256 -> new Dots256();
            case 512 -> new Dots512();
            default -> throw new IllegalArgumentException("vectors of " + bits + " bits");
        };
    }

    static int preferredBits() {
        return PREFERRED.vectorBitSize();
    }

    @Override
    public String name() {
        return "vector-" + bits;
    }

    @Override
    public void scores(Rows rows, int first, int count, float[] query, float[] scores) {
        scores(rows, first, count, new float[][]{query}, new float[][]{scores});
    }

    @Override
    public void scores(Rows rows, int first, int count, float[][] queries, float[][] scores) {
        Shapes.check(rows, first, count, queries, scores);
        if (queries.length == 0) return;
        if (isTiled(rows)) aligned(plain(rows), first, count, queries, scores, 0);
        else padded(rows, i -> first + i, count, queries, scores);
    }

    @Override
    public void scores(Rows rows, int[] ids, int count, float[] query, float[] scores) {
        Shapes.check(rows, ids, count, query, scores);
        if (!isTiled(rows)) {
            padded(rows, i -> ids[i], count, new float[][]{query}, new float[][]{scores});
            return;
        }
        MemorySegment memory = OffHeap.of(rows.data());
        long[] at = new long[TILE];
        float[] sums = new float[TILE * TILE * Dots.LANES];
        for (int r = 0; r < count; r += TILE) {
            for (int i = 0; i < TILE; i++) at[i] = rows.offset(ids[Math.min(r + i, count - 1)]);
            dots.column(memory, at, query, sums);
            copy(sums, 0, scores, r, Math.min(TILE, count - r));
        }
    }

    @Override
    public void screen(Int8Rows rows, int first, int count, Int8Query[] queries, float[] thresholds,
            int[][] reached) {
        Shapes.check(rows, first, count, queries, thresholds, reached);
        Int8Screen.screen(rows, first, count, queries, thresholds, reached);
    }

    /** Whether the loops of {@link Dots} take the rows as they lie. */
    private static boolean isTiled(Rows rows) {
        return rows.format() == RowFormat.F32 && rows.dims() % Dots.LANES == 0 && rows.data().isNative();
    }

    /** The rows as memory known to be off the heap, which is found out once a call instead of once a tile. */
    private static Rows plain(Rows rows) {
        return new Rows(OffHeap.of(rows.data()), rows.count(), rows.dims());
    }

    /**
     * Copies rows and queries, a block at a time, to off the heap, where rows are float32 and padded with zeros. The copy
     * stays in the level 1 cache: what counts is that fewer bytes come from memory.
     */
    private void padded(Rows rows, IntUnaryOperator row, int count, float[][] queries, float[][] scores) {
        int dims = (rows.dims() + Dots.LANES - 1) / Dots.LANES * Dots.LANES;
        float[][] long16 = new float[queries.length][];
        for (int q = 0; q < queries.length; q++) long16[q] = Arrays.copyOf(queries[q], dims);
        int block = Math.min(count, cachedRows(dims));
        try (Arena arena = Arena.ofConfined()) {
            Rows copy = new Rows(arena.allocate(4L * dims * block, 64), block, dims);
            for (int r = 0; r < count; r += block) {
                int n = Math.min(block, count - r);
                for (int i = 0; i < n; i++) copy(rows, row.applyAsInt(r + i), copy, i);
                aligned(copy, 0, n, long16, scores, r);
            }
        }
    }

    private static void copy(Rows rows, int row, Rows copy, int to) {
        if (rows.data().isNative()) RowWidening.widen(rows, row, copy.data(), copy.offset(to));
        else MemorySegment.copy(rows.read(row), 0, copy.data(), Matrix.FLOAT, copy.offset(to), rows.dims());
    }

    private void aligned(Rows rows, int first, int count, float[][] queries, float[][] scores, int to) {
        if (queries.length == 1) {
            column(rows, first, count, queries[0], scores[0], to);
            return;
        }
        float[][] tiled = Arrays.copyOf(queries, (queries.length + TILE - 1) / TILE * TILE);
        Arrays.fill(tiled, queries.length, tiled.length, queries[queries.length - 1]);
        int block = cachedRows(rows.dims());
        for (int r = 0; r < count; r += block) {
            tiles(rows, first + r, Math.min(block, count - r), tiled, queries.length, scores, to + r);
        }
    }

    private void column(Rows rows, int first, int count, float[] query, float[] scores, int to) {
        long[] at = new long[TILE];
        float[] sums = new float[TILE * TILE * Dots.LANES];
        for (int r = 0; r < count; r += TILE) {
            locate(rows, first + r, first + count, at);
            dots.column(rows.data(), at, query, sums);
            copy(sums, 0, scores, to + r, Math.min(TILE, count - r));
        }
    }

    private void tiles(Rows rows, int first, int count, float[][] tiled, int queries, float[][] scores, int to) {
        long[] at = new long[TILE];
        float[] sums = new float[TILE * TILE * Dots.LANES];
        for (int q = 0; q < queries; q += TILE) {
            for (int r = 0; r < count; r += TILE) {
                locate(rows, first + r, first + count, at);
                dots.tile(rows.data(), at, tiled, q, sums);
                for (int j = 0; j < Math.min(TILE, queries - q); j++) {
                    copy(sums, TILE * j, scores[q + j], to + r, Math.min(TILE, count - r));
                }
            }
        }
    }

    /** Whole tiles of rows that fit into the level 1 cache. */
    private static int cachedRows(int dims) {
        return Math.max(TILE, CACHED_BYTES / (Float.BYTES * dims) & -TILE);
    }

    /** Offsets of four rows from {@code row} on, the last one before {@code end} standing in for those beyond. */
    private static void locate(Rows rows, int row, int end, long[] at) {
        for (int i = 0; i < TILE; i++) at[i] = rows.offset(Math.min(row + i, end - 1));
    }

    private static void copy(float[] sums, int from, float[] scores, int to, int rows) {
        for (int r = 0; r < rows; r++) scores[to + r] = sums[from + r];
    }

    @Override
    public int firstAtLeast(float[] values, int from, int to, float threshold) {
        int i = from;
        for (; i <= to - PREFERRED.length(); i += PREFERRED.length()) {
            VectorMask<Float> reached = FloatVector.fromArray(PREFERRED, values, i).compare(VectorOperators.GE,
                    threshold);
            if (reached.anyTrue()) return i + reached.firstTrue();
        }
        for (; i < to; i++) if (values[i] >= threshold) return i;
        return to;
    }
}
