package io.retort.search;

import io.retort.simd.RowFormat;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;

/**
 * Made-up vectors of length 1 to measure a search with, the same for the same seed. Every row is made from its own
 * number, so that their count and the threads that make them change none of them. Any thread may use it.
 */
public final class SyntheticVectors {
    /** How the vectors lie on the sphere. */
    public enum Spread {
        /** Vectors point in every direction alike: a query's best are barely better than thousands of others. */
        ISOTROPIC,
        /**
         * Vectors lie around {@value #CENTRES} centres, as sentences lie around subjects: a vector and its centre have
         * a cosine of about .8, two vectors of a centre about .64.
         */
        CLUSTERED
    }

    private static final int CENTRES = 1024;
    private static final double TO_CENTRE = .8;
    private static final int GRAIN = 1024;

    /** Apart, so that a query is never a row. */
    private enum Kind {
        ROW(0), QUERY(1), CENTRE(2);

        private final long seed;

        Kind(long seed) {
            this.seed = seed;
        }
    }

    private final Spread spread;
    private final int dims;
    private final long seed;

    /**
     * @param dims 1 or more
     */
    public SyntheticVectors(Spread spread, int dims, long seed) {
        if (dims < 1) throw new IllegalArgumentException("vectors of " + dims + " dims");
        this.spread = spread;
        this.dims = dims;
        this.seed = seed;
    }

    /** Rows {@code [count, dims]} of float32, which live as long as the arena; the pool's threads make them. */
    public Rows rows(int count, Arena arena, WorkerPool pool) {
        return rows(count, RowFormat.F32, arena, pool);
    }

    /** Rows {@code [count, dims]}, stored in some form. */
    public Rows rows(int count, RowFormat format, Arena arena, WorkerPool pool) {
        return rows(0, count, format, arena, pool);
    }

    /** Rows {@code [first, first + count)} of all that there could be, stored in some form. */
    public Rows rows(int first, int count, RowFormat format, Arena arena, WorkerPool pool) {
        Rows rows = new Rows(arena.allocate(format.stride(dims) * count, 64), count, dims, format);
        float[][] centres = centres();
        pool.forRanges(count, GRAIN, (slot, from, to) -> {
            for (int r = from; r < to; r++) {
                format.write(vector(Kind.ROW, first + r, centres), rows.data(), rows.offset(r));
            }
        });
        return rows;
    }

    /** Queries {@code [count, dims]}, spread like the rows. */
    public float[][] queries(int count) {
        float[][] centres = centres();
        float[][] queries = new float[count][];
        for (int q = 0; q < count; q++) queries[q] = vector(Kind.QUERY, q, centres);
        return queries;
    }

    private float[][] centres() {
        if (spread == Spread.ISOTROPIC) return new float[0][];
        float[][] centres = new float[CENTRES][];
        for (int c = 0; c < CENTRES; c++) centres[c] = direction(random(Kind.CENTRE, c));
        return centres;
    }

    private float[] vector(Kind kind, int number, float[][] centres) {
        SplittableRandom random = random(kind, number);
        float[] vector = direction(random);
        if (spread == Spread.ISOTROPIC) return vector;
        float[] centre = centres[random.nextInt(CENTRES)];
        double away = Math.sqrt(1 - TO_CENTRE * TO_CENTRE);
        for (int i = 0; i < dims; i++) vector[i] = (float) (TO_CENTRE * centre[i] + away * vector[i]);
        return VectorCheck.prepared(vector, Metric.COSINE);
    }

    private SplittableRandom random(Kind kind, int number) {
        return new SplittableRandom(new SplittableRandom(seed ^ kind.seed << 32 ^ number).nextLong());
    }

    private float[] direction(SplittableRandom random) {
        float[] direction = new float[dims];
        for (int i = 0; i < dims; i++) direction[i] = (float) random.nextGaussian();
        return VectorCheck.prepared(direction, Metric.COSINE);
    }
}
