package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What every {@link ResponseSearch} keeps. Implementations extend it and say how they search some vectors. */
abstract class ResponseSearchContract {
    /** Searches the vectors {@code [count, dims]}. */
    abstract ResponseSearch searching(float[][] vectors, Metric metric);

    /** Rows of the tests that take many; fewer where preparing them takes long. */
    int many() {
        return 9000;
    }

    /** Score of one pair as the specification defines it. */
    abstract float score(float[] row, float[] query, Metric metric);

    @TestFactory
    Stream<DynamicTest> hitsAreThoseOfSortingAllScores() {
        return Stream.of(1, 2, 7, 16, 33).flatMap(dims -> Stream.of(1, 5, 300, 9000 / dims).map(count -> DynamicTest
                .dynamicTest(count + " x " + dims, () -> {
                    SplittableRandom random = new SplittableRandom(31L * count + dims);
                    float[][] vectors = vectors(random, count, dims);
                    float[][] queries = vectors(random, 6, dims);
                    for (Metric metric : Metric.values()) {
                        ResponseSearch search = searching(vectors, metric);
                        for (int k : new int[]{1, Math.min(10, count), count}) {
                            List<Hits> batch = search.search(queries, k, null);
                            List<Hits> expected = new ArrayList<>();
                            for (float[] query : queries) expected.add(sorted(vectors, query, k, null, metric));
                            assertKept(search.exactness(), expected, batch);
                            assertTrueScores(search.exactness(), vectors, queries, metric, batch);
                            assertEquals(batch.get(0), search.search(queries[0], k));
                        }
                    }
                })));
    }

    @Test
    void aFilterLeavesOnlyTheAllowed() {
        SplittableRandom random = new SplittableRandom(5);
        float[][] vectors = vectors(random, 1000, 12);
        float[] query = vectors(random, 1, 12)[0];
        ResponseSearch search = searching(vectors, Metric.INNER_PRODUCT);
        for (int every : new int[]{1, 3, 500}) {
            BitSet allowed = new BitSet();
            for (int row = 2; row < 1000; row += every) allowed.set(row);
            allowed.set(5000); // beyond the last row: of no consequence
            Hits found = search.search(query, 20, allowed);
            assertKept(search.exactness(), List.of(sorted(vectors, query, 20, allowed, Metric.INNER_PRODUCT)),
                    List.of(found));
            found.forEach(hit -> assertTrue(allowed.get(hit.row())));
        }
        assertEquals(0, search.search(query, 20, new BitSet()).size());
    }

    @Test
    void equalScoresAreRankedByRow() {
        float[][] vectors = new float[700][];
        Arrays.fill(vectors, new float[]{1, 2, 3});
        Hits hits = searching(vectors, Metric.INNER_PRODUCT).search(new float[]{1, 1, 1}, 700);
        for (int rank = 0; rank < 700; rank++) assertEquals(new Hit(rank, 6), hits.get(rank));
    }

    @Test
    void zerosDenormalsAndHugeValuesAreRankedRight() {
        float[][] vectors = {{0, 0}, {Float.MIN_VALUE, 0}, {9e17f, 0}, {-9e17f, 0}, {1e-20f, 1e-20f}};
        Hits hits = searching(vectors, Metric.INNER_PRODUCT).search(new float[]{9e17f, 0}, 5);
        assertEquals(List.of(2, 4, 1, 0, 3), hits.best().stream().map(Hit::row).toList());
        assertTrue(Float.isFinite(hits.get(0).score()));
    }

    @Test
    void kOutOfRangeIsRefused() {
        ResponseSearch search = searching(new float[][]{{1, 2}, {3, 4}}, Metric.INNER_PRODUCT);
        for (int k : new int[]{0, -1, 3}) {
            BadInput refusal = assertThrows(BadInput.class, () -> search.search(new float[]{1, 1}, k));
            assertTrue(refusal.getMessage().contains("k is " + k) && refusal.getMessage().contains("1 to 2"));
        }
    }

    @Test
    void queriesThatCannotBeScoredAreRefused() {
        ResponseSearch search = searching(new float[][]{{1, 2}, {3, 4}}, Metric.COSINE);
        for (float[] query : new float[][]{{1, Float.NaN}, {Float.POSITIVE_INFINITY, 0}, {1e19f, 0}, {0, 0}, {1},
            {1, 2, 3}}) {
            assertThrows(BadInput.class, () -> search.search(query, 1), Arrays.toString(query));
        }
    }

    @Test
    void noQueriesFindNothing() {
        assertEquals(List.of(), searching(new float[][]{{1}}, Metric.INNER_PRODUCT).search(new float[0][], 1, null));
    }

    @Test
    void moreQueriesThanABatchAreAnsweredInOrder() {
        SplittableRandom random = new SplittableRandom(9);
        float[][] vectors = vectors(random, 50, 4), queries = vectors(random, 200, 4);
        ResponseSearch search = searching(vectors, Metric.INNER_PRODUCT);
        List<Hits> hits = search.search(queries, 3, null);
        assertEquals(200, hits.size());
        for (int q = 0; q < 200; q++) assertEquals(search.search(queries[q], 3), hits.get(q));
    }

    @Test
    void whatIsClosedRefusesToSearchAndMayBeClosedAgain() {
        ResponseSearch search = searching(new float[][]{{1, 2}, {3, 4}}, Metric.INNER_PRODUCT);
        assertEquals(2, search.search(new float[]{1, 1}, 2).size());
        search.close();
        search.close();
        assertThrows(IllegalStateException.class, () -> search.search(new float[]{1, 1}, 1));
        assertThrows(IllegalStateException.class, () -> search.search(new float[0][], 1, null));
    }

    @Test
    void manyThreadsFindWhatOneFindsUntilItIsClosed() throws Exception {
        SplittableRandom random = new SplittableRandom(6);
        float[][] vectors = vectors(random, many(), 24), queries = vectors(random, 8, 24);
        ResponseSearch search = searching(vectors, Metric.INNER_PRODUCT);
        List<Hits> expected = search.search(queries, 9, null);
        AtomicInteger answered = new AtomicInteger();
        List<Future<?>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(queries.length)) {
            for (int t = 0; t < queries.length; t++) {
                int q = t;
                running.add(threads.submit(() -> {
                    while (true) {
                        try {
                            assertEquals(expected.get(q), search.search(queries[q], 9));
                        } catch (IllegalStateException e) {
                            return;
                        }
                        answered.incrementAndGet();
                    }
                }));
            }
            while (answered.get() < 200 && running.stream().noneMatch(Future::isDone)) Thread.onSpinWait();
            search.close();
            for (Future<?> each : running) each.get();
        }
        assertTrue(answered.get() >= 200);
    }

    /** What the declared exactness promises of the hits of some queries. */
    private static void assertKept(Exactness exactness, List<Hits> expected, List<Hits> found) {
        if (exactness.isExact()) {
            assertEquals(expected, found);
            return;
        }
        assertEquals(expected.size(), found.size());
        double recall = 0;
        for (int q = 0; q < found.size(); q++) {
            Hits right = expected.get(q);
            assertEquals(right.size(), found.get(q).size());
            assertEquals(right.size(), found.get(q).best().stream().map(Hit::row).distinct().count());
            float worst = right.get(right.size() - 1).score();
            recall += (double) found.get(q).best().stream().filter(hit -> hit.score() >= worst).count() / right.size();
        }
        double promised = ((Exactness.Approximate) exactness).recall();
        assertTrue(recall / found.size() >= promised, "recall " + recall / found.size());
    }

    private void assertTrueScores(Exactness exactness, float[][] vectors, float[][] queries, Metric metric,
            List<Hits> found) {
        if (exactness instanceof Exactness.Approximate approximate && !approximate.trueScores()) return;
        for (int q = 0; q < queries.length; q++) {
            for (Hit hit : found.get(q)) assertEquals(score(vectors[hit.row()], queries[q], metric), hit.score());
            List<Hit> best = found.get(q).best();
            for (int i = 1; i < best.size(); i++) assertTrue(best.get(i - 1).score() >= best.get(i).score());
        }
    }

    private Hits sorted(float[][] vectors, float[] query, int k, BitSet allowed, Metric metric) {
        List<Hit> hits = new ArrayList<>();
        for (int row = 0; row < vectors.length; row++) {
            if (allowed == null || allowed.get(row)) hits.add(new Hit(row, score(vectors[row], query, metric)));
        }
        hits.sort(Comparator.comparingDouble((Hit h) -> -h.score()).thenComparingInt(Hit::row));
        return new Hits(hits.subList(0, Math.min(k, hits.size())));
    }

    /** Vectors with few distinct values, so that scores tie. */
    static float[][] vectors(SplittableRandom random, int count, int dims) {
        float[][] vectors = new float[count][dims];
        for (float[] vector : vectors) {
            for (int i = 0; i < dims; i++) vector[i] = (random.nextInt(9) - 4) * .3f;
            vector[random.nextInt(dims)] = 1; // not zero
        }
        return vectors;
    }
}
