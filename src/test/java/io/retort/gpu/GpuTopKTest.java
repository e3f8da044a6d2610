package io.retort.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.search.ExactSearch;
import io.retort.search.Hits;
import io.retort.search.Metric;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Parts on a card, however they are kept there, over {@link FakeDriver} and {@link FakeScan}; none of this needs one. */
class GpuTopKTest {
    private static final int DIMS = 20;
    /** Two tiles. */
    private static final int PIECE = 2 * 4 * ScanShape.TILE * DIMS;
    private static final int K = 7;
    /** Calls that free: where one fails something is left. */
    private static final String FREES = "cuMemFree.*|cu.*Destroy_v2|cuModuleUnload|cuDevicePrimaryCtxRelease_v2";

    private final SplittableRandom random = new SplittableRandom(5);
    private final float[][] vectors = ScanData.RANDOM.vectors(random, 1500, DIMS);
    private final float[][] queries = ScanData.RANDOM.vectors(random, 9, DIMS);
    private final WorkerPool pool = new WorkerPool(2);
    private FakeDriver fake = new FakeDriver();

    @AfterEach
    void nothingIsLeftAndNothingWasMisused() {
        pool.close();
        assertEquals(List.of(), fake.misuse);
        assertEquals(List.of(), fake.live());
        fake.close();
    }

    private Gpu open() {
        return Gpu.open(new Driver(fake.library()), 0);
    }

    private Rows rows(int from, int to) {
        return ScanData.rows(Arrays.copyOfRange(vectors, from, to));
    }

    private GpuTopK topK(Gpu gpu, Rows rows, ScreenFormat format, GpuResidence residence) {
        return new GpuTopK(gpu, rows, format, residence, Kernels.best(), pool, PIECE);
    }

    private List<Hits> exact(int count, BitSet allowed) {
        try (ExactSearch exact = new ExactSearch(rows(0, count), Metric.INNER_PRODUCT, Kernels.best(), pool)) {
            return exact.search(queries, K, allowed);
        }
    }

    private List<Hits> found(GpuTopK topK, BitSet allowed) {
        TopK[] best = new TopK[queries.length];
        Arrays.setAll(best, q -> new TopK(K));
        topK.search(queries, K, allowed, best);
        return Arrays.stream(best).map(Hits::of).toList();
    }

    private BitSet some(int of, int every) {
        BitSet some = new BitSet();
        for (int row = 0; row < of; row++) if (random.nextInt(every) == 0) some.set(row);
        return some;
    }

    @ParameterizedTest
    @EnumSource(GpuResidence.class)
    void rowsInPartsAreFoundAsInOneHoweverTheyAreKept(GpuResidence residence) {
        fake.kernels = new FakeScan(fake);
        int[] ends = {1, 64, 700, 765, 1500};
        for (ScreenFormat format : ScreenFormat.values()) {
            if (!residence.suits(format)) continue;
            try (Gpu gpu = open(); GpuTopK topK = topK(gpu, rows(0, ends[0]), format, residence)) {
                for (int i = 0; i < ends.length; i++) {
                    if (i > 0) topK.append(rows(ends[i - 1], ends[i]));
                    assertEquals(ends[i], topK.count());
                    if (ends[i] < K) continue;
                    BitSet lateOnes = new BitSet();
                    lateOnes.set(ends[i] - 3, ends[i] + 5);
                    for (BitSet allowed : Arrays.asList(null, some(ends[i], 2), some(ends[i], 200), lateOnes,
                            new BitSet())) {
                        assertEquals(exact(ends[i], allowed), found(topK, allowed));
                    }
                }
            }
        }
    }

    @Test
    void partsMayBeKeptInDifferentWays() {
        fake.kernels = new FakeScan(fake);
        try (Gpu gpu = open(); GpuTopK topK = topK(gpu, rows(0, 700), ScreenFormat.INT8, null)) {
            assertTrue(fake.launches.removeIf(launch -> launch.kernel().equals("quantize_int8")));
            // Of what is left after this, the margin takes all.
            DeviceMemory others = gpu.allocate(gpu.freeMemory() - (560L << 20));
            topK.append(rows(700, 1500));
            assertTrue(fake.launches.isEmpty(), "passes through: no codes are made");
            others.close();
            BitSet allowed = some(1500, 3);
            assertEquals(exact(1500, allowed), found(topK, allowed));
            assertEquals(exact(1500, null), found(topK, null));
        }
    }

    @Test
    void candidatesThatWereLostAreSoughtAgainWhereTheCpuScoresThem() {
        FakeScan scan = new FakeScan(fake);
        fake.kernels = scan;
        try (Gpu gpu = open(); GpuTopK topK = topK(gpu, rows(0, 1000), ScreenFormat.FLOAT16, GpuResidence.CODES)) {
            scan.losesCandidates = true;
            assertEquals(exact(1000, null), found(topK, null));
            assertEquals(2, fake.launches.stream().filter(each -> each.kernel().equals("prepare_float16")).count());
        }
    }

    @Test
    void whileOnePieceIsScannedTheNextIsOnItsWayInAStreamOfItsOwn() {
        fake.kernels = new FakeScan(fake);
        try (Gpu gpu = open(); GpuTopK topK = topK(gpu, rows(0, 700), ScreenFormat.INT8, GpuResidence.STREAMED)) {
            found(topK, null);
            fake.calls.clear();
            found(topK, null);
            List<String> copies = List.of("cuMemcpyHtoDAsync_v2", "cuEventRecord");
            List<String> order = fake.calls.stream().filter(copies::contains).toList();
            // Of six pieces, two are sent before the first scan records that it begins.
            assertEquals(List.of(copies.get(0), copies.get(1), copies.get(0), copies.get(1), copies.get(1)),
                    order.subList(0, 5));
            assertEquals(6, Collections.frequency(fake.calls, "cuMemcpyHtoDAsync_v2"));
            assertEquals(6, Collections.frequency(fake.calls, "cuStreamWaitEvent"));
            BitSet last = new BitSet();
            last.set(699);
            fake.calls.clear();
            assertEquals(exact(700, last), found(topK, last));
            assertEquals(2, Collections.frequency(fake.calls, "cuMemcpyHtoDAsync_v2"), "a piece and its filter");
        }
    }

    @ParameterizedTest
    @EnumSource(GpuResidence.class)
    void aSearchSeesThePartsThatWereThereWhenItBegan(GpuResidence residence) {
        fake.kernels = new FakeScan(fake);
        try (Gpu gpu = open(); GpuTopK topK = topK(gpu, rows(0, 500), ScreenFormat.INT8, residence)) {
            @SuppressWarnings("serial")
            class Meddler extends BitSet {
                private boolean done;

                @Override
                public int nextSetBit(int from) {
                    if (!done) {
                        done = true;
                        topK.append(rows(500, 1000));
                    }
                    return super.nextSetBit(from);
                }
            }
            Meddler all = new Meddler();
            all.set(0, 1000);
            assertEquals(exact(500, null), found(topK, all));
            assertEquals(1000, topK.count());
            assertEquals(exact(1000, null), found(topK, all));
        }
    }

    @Test
    void searchesOfManyThreadsAndAppendingDoNotDisturbEachOther() throws InterruptedException {
        fake.kernels = new FakeScan(fake);
        List<List<Hits>> right = List.of(exact(300, null), exact(600, null), exact(900, null));
        List<Object> wrong = Collections.synchronizedList(new ArrayList<>());
        try (Gpu gpu = open(); GpuTopK topK = topK(gpu, rows(0, 300), ScreenFormat.INT8, GpuResidence.STREAMED)) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        for (int i = 0; i < 6; i++) if (!right.contains(found(topK, null))) wrong.add("other hits");
                    } catch (RuntimeException | Error e) {
                        wrong.add(e);
                    }
                }));
            }
            topK.append(rows(300, 600));
            topK.append(rows(600, 900));
            for (Thread thread : threads) thread.join();
            assertEquals(List.of(), wrong);
            assertEquals(right.get(2), found(topK, null));
        }
    }

    @ParameterizedTest
    @EnumSource(GpuResidence.class)
    void whicheverCallFailsEverythingIsFreedAndTheNextSearchIsRight(GpuResidence residence) {
        failOneCallOf(residence, 149);
    }

    @ParameterizedTest
    @EnumSource(GpuResidence.class)
    @Tag("slow")
    void soItIsWhereManyMoreCallsFail(GpuResidence residence) {
        failOneCallOf(residence, 5);
    }

    /** @param step from one call that fails, each in a run of its own, to the next */
    private void failOneCallOf(GpuResidence residence, int step) {
        useAll(residence);
        List<String> calls = List.copyOf(fake.calls);
        for (int i = 1; i < calls.size(); i += step) {
            int failing = i;
            while (failing < calls.size() && calls.get(failing).matches(FREES)) failing++;
            if (failing == calls.size()) break;
            fake.close();
            fake = new FakeDriver();
            fake.failAtCall(failing);
            String what = calls.get(failing) + " at " + failing;
            try {
                useAll(residence);
            } catch (GpuException e) {
                assertEquals(999, e.code(), what);
            }
            assertEquals(List.of(), fake.live(), what);
            assertEquals(List.of(), fake.misuse, what);
        }
    }

    /** What is not freed when the search is closed is noted, before the card is. */
    private void useAll(GpuResidence residence) {
        fake.kernels = new FakeScan(fake);
        BitSet allowed = some(1000, 2);
        List<String> left;
        try (Gpu gpu = open()) {
            try (GpuTopK topK = topK(gpu, rows(0, 300), ScreenFormat.INT8, residence)) {
                searchTwice(topK, 300, null);
                try {
                    topK.append(rows(300, 1000));
                } catch (GpuException e) {
                    assertEquals(300, topK.count());
                    throw e;
                }
                searchTwice(topK, 1000, allowed);
            } finally {
                left = new ArrayList<>(fake.live());
                left.removeAll(List.of("module", "context"));
            }
        }
        assertEquals(List.of(), left);
    }

    /** After a failure, too, the next search has what it needs. */
    private void searchTwice(GpuTopK topK, int count, BitSet allowed) {
        for (int i = 0; i < 2; i++) {
            try {
                assertEquals(exact(count, allowed), found(topK, allowed));
            } catch (GpuException e) {
                assertEquals(999, e.code());
            }
        }
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() {
        try (Gpu gpu = open(); GpuTopK topK = topK(gpu, rows(0, 10), ScreenFormat.INT8, GpuResidence.WHOLE)) {
            assertThrows(IllegalArgumentException.class, () -> topK.append(ScanData.rows(new float[3][DIMS + 1])));
            assertThrows(IllegalArgumentException.class,
                    () -> topK(gpu, rows(0, 10), ScreenFormat.FLOAT32, GpuResidence.CODES));
            for (GpuResidence residence : GpuResidence.values()) {
                assertThrows(IllegalArgumentException.class,
                        () -> topK(gpu, new Rows(MemorySegment.ofArray(new float[0]), 0, DIMS), ScreenFormat.INT8,
                                residence));
            }
            assertEquals(10, topK.count());
        }
    }
}
