package io.retort.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.search.ExactSearch;
import io.retort.search.Hit;
import io.retort.search.Hits;
import io.retort.search.Metric;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a card does, step by step in plain Java, finds what exact search finds, bit for bit, on any data. */
class ScanIsExactTest {
    private static final int[] COUNTS = {1, 63, 64, 65, 127, 128, 129, 300, 1000};
    private static final int[] DIMS = {1, 3, 16, 17, 100, 384};
    private static final int[] CAPACITIES = {128, 256, 1024, CardSteps.CAPACITY};
    private static final int MOST_QUERIES = 20;

    @Property(tries = 200)
    void hitsAreThoseOfExactSearch(@ForAll ScanData data, @ForAll ScreenFormat format, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int count = one(COUNTS, random), dims = one(DIMS, random);
        float[][] vectors = data.vectors(random, count, dims);
        float[][] queries = (random.nextBoolean() ? data : ScanData.RANDOM)
                .vectors(random, 1 + random.nextInt(MOST_QUERIES), dims);
        if (random.nextBoolean()) queries[0] = vectors[random.nextInt(count)];
        if (random.nextInt(4) == 0) queries[random.nextInt(queries.length)] = new float[dims];
        int k = switch (random.nextInt(4)) {
            case 0 -> 1;
            case 1 -> Math.min(count, CardSteps.MOST);
            default -> 1 + random.nextInt(Math.min(count, 20));
        };
        assertSame(ScanData.rows(vectors), format, queries, k, allowed(random, count), one(CAPACITIES, random));
    }

    /** Enough tiles for phases of more than one growth. */
    @ParameterizedTest
    @EnumSource(ScreenFormat.class)
    void manyRowsToo(ScreenFormat format) {
        SplittableRandom random = new SplittableRandom(format.ordinal());
        for (ScanData data : ScanData.values()) {
            Rows rows = ScanData.rows(data.vectors(random, 5000, 40));
            for (int capacity : new int[]{128, 1024}) {
                for (int queries : new int[]{1, 9}) {
                    float[][] asked = data.vectors(random, queries, 40);
                    assertSame(rows, format, asked, 10, allowed(random, rows.count()), capacity);
                }
            }
        }
    }

    @Property(tries = 60)
    void rowsInTheOrderOfTheirScoresAreFoundToo(@ForAll boolean descending, @ForAll ScreenFormat format,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] vectors = ScanData.RANDOM.vectors(random, 1500, 17), query = ScanData.RANDOM.vectors(random, 1, 17);
        float[] scores = new float[vectors.length];
        Kernels.best().scores(ScanData.rows(vectors), 0, scores.length, query[0], scores);
        Integer[] order = new Integer[scores.length];
        Arrays.setAll(order, r -> r);
        Comparator<Integer> ascending = Comparator.comparing(r -> scores[r]);
        Arrays.sort(order, descending ? ascending.reversed() : ascending);
        float[][] sorted = Arrays.stream(order).map(r -> vectors[r]).toArray(float[][]::new);
        assertSame(ScanData.rows(sorted), format, query, 1 + random.nextInt(50), null, one(CAPACITIES, random));
    }

    /** Exact search never keeps a score that is NaN. */
    @Property(tries = 60)
    void rowsThatAreNoNumbersAreNotFoundAndDoNoHarm(@ForAll ScreenFormat format, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] vectors = ScanData.RANDOM.vectors(random, 1000, 17);
        int every = 1 + random.nextInt(4);
        for (float[] vector : vectors) {
            if (random.nextInt(every) == 0) vector[random.nextInt(17)] = Float.NaN;
        }
        float[][] queries = ScanData.RANDOM.vectors(random, 3, 17);
        assertSame(ScanData.rows(vectors), format, queries, 1 + random.nextInt(50), null, one(CAPACITIES, random));
    }

    @ParameterizedTest
    @EnumSource(ScreenFormat.class)
    void queriesThatRunOutOfRoomAreSoughtInPieces(ScreenFormat format) {
        SplittableRandom random = new SplittableRandom(1);
        Rows rows = ScanData.rows(ScanData.ALL_EQUAL.vectors(random, 1000, 20));
        float[][] queries = ScanData.RANDOM.vectors(random, 3, 20);
        // A piece is as many tiles as there is room for: 1000 rows are 16 tiles, in eights of two.
        assertEquals(1 + 8, assertSame(rows, format, queries, 10, null, 128));
        assertEquals(1, assertSame(rows, format, queries, 10, null, 1024));
    }

    @ParameterizedTest
    @EnumSource(ScreenFormat.class)
    void ordinaryRowsNeedNoPieces(ScreenFormat format) {
        SplittableRandom random = new SplittableRandom(2);
        Rows rows = ScanData.rows(ScanData.RANDOM.vectors(random, 20_000, 64));
        float[][] queries = ScanData.RANDOM.vectors(random, 5, 64);
        assertEquals(1, assertSame(rows, format, queries, 10, null, 4096));
    }

    @Test
    void aFewAllowedRowsAreFoundAmongManyThatAreBetter() {
        SplittableRandom random = new SplittableRandom(3);
        Rows rows = ScanData.rows(ScanData.RISING.vectors(random, 5000, 10));
        BitSet allowed = new BitSet();
        allowed.set(0);
        allowed.set(77);
        float[][] queries = ScanData.RANDOM.vectors(random, 2, 10);
        for (ScreenFormat format : ScreenFormat.values()) {
            assertEquals(1, assertSame(rows, format, queries, 10, allowed, 128), "no piece is needed for two rows");
        }
    }

    /** Returns how often queries were prepared: once, and once for each piece. */
    private static int assertSame(Rows rows, ScreenFormat format, float[][] queries, int k, BitSet allowed,
            int capacity) {
        List<Hits> expected;
        try (WorkerPool pool = new WorkerPool(1);
                ExactSearch exact = new ExactSearch(rows, Metric.INNER_PRODUCT, Kernels.best(), pool)) {
            expected = exact.search(queries, k, allowed);
        }
        ScalarRows packed = new ScalarRows(rows, format);
        TopK[] best = new TopK[queries.length];
        Arrays.setAll(best, q -> new TopK(k));
        int[] starts = new int[1];
        new TopKScan(packed.shape(), capacity).search(k, best, 0, numbers -> {
            starts[0]++;
            float[][] some = Arrays.stream(numbers).mapToObj(q -> queries[q]).toArray(float[][]::new);
            return new ScalarSteps(packed, Kernels.best(), some, k, allowed, capacity);
        });
        for (int q = 0; q < queries.length; q++) assertSame(expected.get(q), Hits.of(best[q]), "query " + q);
        return starts[0];
    }

    private static void assertSame(Hits expected, Hits found, String what) {
        assertEquals(expected.size(), found.size(), what);
        for (int i = 0; i < expected.size(); i++) {
            Hit hit = expected.get(i);
            assertEquals(hit.row(), found.get(i).row(), what + ", rank " + i);
            // Zero's sign is not told.
            assertEquals(bits(hit.score()), bits(found.get(i).score()), what + ", rank " + i);
        }
    }

    private static int bits(float score) {
        assertTrue(Float.isFinite(score));
        return Float.floatToRawIntBits(score + 0f);
    }

    private static BitSet allowed(SplittableRandom random, int count) {
        BitSet allowed = new BitSet();
        switch (random.nextInt(5)) {
            case 0 -> allowed.set(random.nextInt(count));
            case 1 -> allowed.set(count, count + 100);
            case 2 -> {
                int every = 1 + random.nextInt(10);
                for (int row = 0; row < count; row++) if (random.nextInt(every) == 0) allowed.set(row);
            }
            default -> allowed = null;
        }
        return allowed;
    }

    private static int one(int[] of, SplittableRandom random) {
        return of[random.nextInt(of.length)];
    }
}
