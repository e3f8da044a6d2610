package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.simd.Kernels;
import io.retort.simd.KernelsOfEveryWidth;
import io.retort.simd.RowFormat;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Screened search finds what exact search finds, bit for bit, on any data, however they are stored. */
class ScreeningIsExactTest {
    /** Data that screening could be wrong on, or is useless on. */
    private enum Data {
        /** Numbers of ordinary size. */
        ORDINARY,
        /** Powers of two between the smallest float and what an index may hold, of either sign, and zeros. */
        EVERY_MAGNITUDE,
        /** One row many times over, changed in the last bit here and there. */
        NEARLY_EQUAL,
        /** Rows so close together that no quantisation tells them apart. */
        WITHIN_QUANTISATION,
        /** A few rows, repeated. */
        DUPLICATES,
        /** One number a row, as long as may be or hardly there. */
        SPIKES,
        /** All zeros but a few. */
        ZEROS,
        /** Each row better than the one before: every threshold comes too early. */
        RISING,
        /** Mixtures of a few rows with a little of everything: what principal axes are for. */
        FEW_DIRECTIONS,
        /** The same, as long as may be or hardly there. */
        FEW_DIRECTIONS_OF_EVERY_MAGNITUDE
    }

    @Property(tries = 400)
    @net.jqwik.api.Tag("slow")
    void manyHitsAreThoseOfExactSearch(@ForAll Data data, @ForAll @IntRange(min = 1, max = 1200) int count,
            @ForAll @IntRange(min = 1, max = 300) int dims, @ForAll @IntRange(min = 1, max = 9) int queries,
            @ForAll @IntRange(min = 1, max = 3) int threads, @ForAll long seed) {
        hitsAreThoseOfExactSearch(data, count, dims, queries, threads, seed);
    }

    @Property(tries = 150)
    void hitsAreThoseOfExactSearch(@ForAll Data data, @ForAll @IntRange(min = 1, max = 1200) int count,
            @ForAll @IntRange(min = 1, max = 300) int dims, @ForAll @IntRange(min = 1, max = 9) int queries,
            @ForAll @IntRange(min = 1, max = 3) int threads, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] vectors = vectors(data, random, count, dims);
        float[][] asked = vectors(random.nextBoolean() ? data : Data.ORDINARY, random, queries, dims);
        if (random.nextBoolean()) asked[0] = vectors[random.nextInt(count)];
        int k = random.nextInt(4) == 0 ? count : 1 + random.nextInt(Math.min(count, 20));
        assertSame(vectors, asked, k, allowed(random, count), threads, random);
    }

    /** Enough rows for several ranges a thread, and for screening to be given up and taken up again. */
    @ParameterizedTest
    @EnumSource(Data.class)
    void manyRowsToo(Data data) {
        SplittableRandom random = new SplittableRandom(data.ordinal());
        float[][] vectors = vectors(data, random, 20_000, 140);
        assertSame(vectors, vectors(data, random, 5, 140), 10, null, 2, random);
    }

    private static void assertSame(float[][] vectors, float[][] queries, int k, BitSet allowed, int threads,
            SplittableRandom random) {
        List<Kernels> kernels = KernelsOfEveryWidth.all();
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(threads)) {
            Metric metric = Metric.INNER_PRODUCT;
            RowFormat format = RowFormat.values()[random.nextInt(RowFormat.values().length)];
            if (Arrays.stream(vectors).anyMatch(vector -> format.problem(vector) != null)) return;
            Rows rows = stored(arena, vectors, format);
            Rows floats = RowSearchContract.rows(arena, standFor(rows), metric);
            Kernels some = kernels.get(random.nextInt(kernels.size()));
            List<Hits> expected = new ExactSearch(floats, metric, Kernels.best(), pool).search(queries, k, allowed);
            assertEquals(expected, new ExactSearch(rows, metric, some, pool).search(queries, k, allowed), "exact");
            for (int many : new int[]{0, Integer.MAX_VALUE}) {
                try (ScreenedSearch search = new ScreenedSearch(rows, metric, some, pool, many)) {
                    assertEquals(expected, search.search(queries, k, allowed), "of " + search.screenedDims() + " dims");
                }
            }
        }
    }

    private static Rows stored(Arena arena, float[][] vectors, RowFormat format) {
        int dims = vectors[0].length;
        Rows rows = new Rows(arena.allocate(format.stride(dims) * vectors.length, 64), vectors.length, dims, format);
        for (int r = 0; r < vectors.length; r++) format.write(vectors[r], rows.data(), rows.offset(r));
        return rows;
    }

    private static float[][] standFor(Rows rows) {
        float[][] values = new float[rows.count()][];
        for (int r = 0; r < values.length; r++) values[r] = rows.read(r);
        return values;
    }

    private static BitSet allowed(SplittableRandom random, int count) {
        int every = random.nextInt(5);
        if (every == 0) return null;
        BitSet allowed = new BitSet();
        for (int row = 0; row < count; row++) if (random.nextInt(1 << 2 * every) == 0) allowed.set(row);
        return allowed;
    }

    private static float[][] vectors(Data data, SplittableRandom random, int count, int dims) {
        float[][] vectors = new float[count][];
        float[] one = ordinary(random, dims);
        float[][] few = {one, ordinary(new SplittableRandom(1), dims), ordinary(new SplittableRandom(2), dims)};
        for (int r = 0; r < count; r++) {
            vectors[r] = switch (data) {
                case ORDINARY -> ordinary(random, dims);
                case EVERY_MAGNITUDE -> everyMagnitude(random, dims);
                case NEARLY_EQUAL -> changed(one, random, Math.ulp(1f));
                case WITHIN_QUANTISATION -> changed(one, random, 1e-3f);
                case DUPLICATES -> r < 7 ? ordinary(random, dims) : vectors[random.nextInt(7)];
                case SPIKES -> spike(random, dims);
                case ZEROS -> random.nextInt(50) == 0 ? ordinary(random, dims) : new float[dims];
                case RISING -> scaled(one, 1 + r);
                case FEW_DIRECTIONS -> mixed(few, random, 1);
                case FEW_DIRECTIONS_OF_EVERY_MAGNITUDE ->
                    mixed(few, random, Math.scalb(1.0, random.nextInt(-152, 50)));
            };
        }
        return vectors;
    }

    private static float[] ordinary(SplittableRandom random, int dims) {
        float[] vector = new float[dims];
        for (int i = 0; i < dims; i++) vector[i] = (float) random.nextGaussian();
        return vector;
    }

    /** Each vector has its own range of magnitudes, as one alone would decide all scores. */
    private static float[] everyMagnitude(SplittableRandom random, int dims) {
        float[] vector = new float[dims];
        int highest = random.nextInt(-149, 54), range = random.nextInt(1, 30);
        for (int i = 0; i < dims; i++) {
            double power = Math.scalb(1.0, highest - random.nextInt(range));
            vector[i] = random.nextInt(5) == 0 ? 0 : (float) (random.nextBoolean() ? power : -power);
        }
        return vector;
    }

    private static float[] changed(float[] one, SplittableRandom random, float by) {
        float[] vector = one.clone();
        for (int i = 0; i < vector.length; i++) vector[i] *= 1 + by * random.nextInt(-1, 2);
        return vector;
    }

    private static float[] scaled(float[] one, int by) {
        float[] vector = one.clone();
        for (int i = 0; i < vector.length; i++) vector[i] *= by;
        return vector;
    }

    private static float[] mixed(float[][] few, SplittableRandom random, double size) {
        double[] parts = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
        float[] vector = new float[few[0].length];
        for (int i = 0; i < vector.length; i++) {
            double sum = 0.1 * random.nextGaussian();
            for (int j = 0; j < few.length; j++) sum += parts[j] * few[j][i];
            vector[i] = (float) (size * sum);
        }
        return vector;
    }

    private static float[] spike(SplittableRandom random, int dims) {
        float[] vector = new float[dims];
        float[] heights = {1, -1, 9e17f, -9e17f, Float.MIN_VALUE, Float.MIN_NORMAL, 1e-30f};
        vector[random.nextInt(dims)] = heights[random.nextInt(heights.length)];
        return vector;
    }
}
