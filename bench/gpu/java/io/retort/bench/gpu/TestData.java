package io.retort.bench.gpu;

import io.retort.search.Metric;
import io.retort.search.SyntheticVectors;
import io.retort.simd.HugePages;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Rows and queries, friendly and hostile, the same for the same seed. */
final class TestData {
    /** How they are made. */
    enum Kind {
        /** In all directions, as {@link SyntheticVectors} makes them. */
        ISOTROPIC(Metric.COSINE),
        /** Around centres, likewise. */
        CLUSTERED(Metric.COSINE),
        /** In all directions too, but made fast enough for tens of millions of rows. */
        PLENTIFUL(Metric.COSINE),
        /** One row again and again: every score ties, and the first rows win. */
        ALL_EQUAL(Metric.COSINE),
        /** Seven different rows, shuffled: ties across the whole index. */
        FEW_DISTINCT(Metric.COSINE),
        /** Scores that rise with the row, or fall, by the query's sign: each row displaces one that was found. */
        ASCENDING(Metric.INNER_PRODUCT),
        /** Scores that fall with the row, or rise. */
        DESCENDING(Metric.INNER_PRODUCT),
        /** Lengths from 1e-30 to 1e18, of rows and queries. */
        MIXED_LENGTHS(Metric.INNER_PRODUCT),
        /** Mostly zeros, some of them negative; a third of the queries too. */
        ZEROS(Metric.INNER_PRODUCT),
        /** Components near the least float32; long queries lift the products out of it, short ones do not. */
        SUBNORMAL(Metric.INNER_PRODUCT),
        /** Components around the least and the greatest float16. */
        HALF_EDGES(Metric.INNER_PRODUCT);

        private final Metric metric;

        Kind(Metric metric) {
            this.metric = metric;
        }

        Metric metric() {
            return metric;
        }
    }

    private static final int GRAIN = 1024;
    private static final int DISTINCT = 7;
    private static final double LONGEST = 9e17;
    private static final long QUERY_SEED = 0x51_0000_0000L;
    private static final float[] EDGES = {6e-8f, 2.9e-8f, 3e-8f, 6.1e-5f, 6.0e-5f, 1, 65504, 65519, 65520, 7e4f};
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Kind kind;
    private final int dims;
    private final long seed;

    TestData(Kind kind, int dims, long seed) {
        this.kind = kind;
        this.dims = dims;
        this.seed = seed;
    }

    Metric metric() {
        return kind.metric;
    }

    /** Rows {@code [count, dims]}, which live as long as the arena. */
    Rows rows(int count, Arena arena, WorkerPool pool) {
        if (kind == Kind.ISOTROPIC || kind == Kind.CLUSTERED) return synthetic().rows(count, arena, pool);
        MemorySegment memory = HugePages.allocate((long) Float.BYTES * dims * count, arena);
        Rows rows = new Rows(memory, count, dims);
        pool.forRanges(count, GRAIN, (slot, from, to) -> {
            float[] row = new float[dims];
            for (int r = from; r < to; r++) {
                fill(row, r, count);
                MemorySegment.copy(row, 0, rows.data(), FLOAT, rows.offset(r), dims);
            }
        });
        return rows;
    }

    /** Queries {@code [count, dims]}. */
    float[][] queries(int count) {
        if (kind == Kind.ISOTROPIC || kind == Kind.CLUSTERED) return synthetic().queries(count);
        float[][] queries = new float[count][dims];
        for (int q = 0; q < count; q++) {
            SplittableRandom random = new SplittableRandom(seed ^ QUERY_SEED ^ q);
            direction(queries[q], QUERY_SEED ^ q);
            switch (kind) {
                case MIXED_LENGTHS -> scale(queries[q], Math.pow(10, random.nextDouble(-30, 17.9)));
                case ZEROS -> {
                    if (q % 3 == 1) scale(queries[q], q % 2 == 0 ? 0 : -0.0);
                }
                case SUBNORMAL -> scale(queries[q], q % 2 == 0 ? LONGEST : 1);
                default -> {
                }
            }
        }
        return queries;
    }

    private SyntheticVectors synthetic() {
        return new SyntheticVectors(SyntheticVectors.Spread.valueOf(kind.name()), dims, seed);
    }

    private void fill(float[] row, int r, int count) {
        switch (kind) {
            case ALL_EQUAL -> direction(row, 0);
            case FEW_DISTINCT -> direction(row, Math.floorMod(mix(r), DISTINCT));
            case ASCENDING -> ranked(row, r, r, count);
            case DESCENDING -> ranked(row, r, count - 1 - r, count);
            case MIXED_LENGTHS -> {
                direction(row, r);
                scale(row, Math.min(LONGEST, Math.pow(10, new SplittableRandom(seed + r).nextDouble(-30, 18))));
            }
            case ZEROS -> {
                SplittableRandom random = new SplittableRandom(seed + r);
                boolean empty = random.nextInt(10) > 0;
                for (int i = 0; i < dims; i++) {
                    row[i] = empty || random.nextInt(4) > 0 ? random.nextBoolean() ? 0f : -0f : random.nextInt(-3, 4);
                }
            }
            case SUBNORMAL -> {
                SplittableRandom random = new SplittableRandom(seed + r);
                for (int i = 0; i < dims; i++) row[i] = random.nextInt(-2000, 2001) * Float.MIN_VALUE;
            }
            case HALF_EDGES -> {
                SplittableRandom random = new SplittableRandom(seed + r);
                for (int i = 0; i < dims; i++) {
                    row[i] = EDGES[random.nextInt(EDGES.length)] * (random.nextBoolean() ? 1 : -1);
                }
            }
            default -> direction(row, r);
        }
    }

    /** One direction for all rows, as long as the rank says, and a little of another. */
    private void ranked(float[] row, int r, int rank, int count) {
        float[] common = new float[dims];
        direction(common, -1);
        direction(row, r);
        for (int i = 0; i < dims; i++) row[i] = (float) (common[i] * (.5 + .5 * rank / count) + row[i] * 1e-7);
    }

    /** A vector of length 1; each component is the sum of four even ones, which is normal enough. */
    private void direction(float[] vector, long number) {
        long state = mix(seed ^ number * 0x9e3779b97f4a7c15L);
        double squares = 0;
        for (int i = 0; i < vector.length; i++) {
            state += 0x9e3779b97f4a7c15L;
            long bits = mix(state);
            int sum = (int) (bits & 0xffff) + (int) (bits >>> 16 & 0xffff) + (int) (bits >>> 32 & 0xffff)
                    + (int) (bits >>> 48);
            float x = sum - 131070.5f;
            vector[i] = x;
            squares += x * x;
        }
        scale(vector, 1 / Math.sqrt(squares));
    }

    private static void scale(float[] vector, double factor) {
        for (int i = 0; i < vector.length; i++) vector[i] = (float) (vector[i] * factor);
    }

    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
