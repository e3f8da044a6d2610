package io.retort.bench.gpu;

import io.retort.gpu.ScreenFormat;
import io.retort.search.ExactSearch;
import io.retort.search.Hits;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Several indexes on the card at once, searched from many threads at once: what a server does. */
final class Together {
    private static final List<TestData.Kind> KINDS = List.of(TestData.Kind.ISOTROPIC, TestData.Kind.CLUSTERED,
            TestData.Kind.FEW_DISTINCT);
    private static final int DIMS = 128;
    private static final long SEED = 3;
    private static final int QUERIES = 64;
    private static final int DEEPEST = 100;
    private static final int THREADS = 8;
    private static final int SEARCHES_OF_EACH = 40;

    private final Device device;
    private final WorkerPool pool;
    private final Report report;
    private final long end;
    private final AtomicInteger searches = new AtomicInteger();

    /**
     * @param end in {@link System#nanoTime()}, after which no further search is begun
     */
    Together(Device device, WorkerPool pool, Report report, long end) {
        this.device = device;
        this.pool = pool;
        this.report = report;
        this.end = end;
    }

    private record Index(Device.Searcher searcher, float[][] queries, List<Hits> right) {
    }

    /** Whether every thread found what it should. */
    boolean run(int count) throws InterruptedException, ExecutionException {
        long start = System.nanoTime();
        List<Index> indexes = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        try (Arena arena = Arena.ofShared()) {
            try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
                for (TestData.Kind kind : KINDS) open(kind, count, arena, indexes);
                List<Future<List<String>>> work = new ArrayList<>();
                for (int t = 0; t < THREADS; t++) {
                    Random random = new Random(SEED + t);
                    work.add(threads.submit(() -> search(indexes, random)));
                }
                for (Future<List<String>> each : work) faults.addAll(each.get());
            } finally {
                indexes.forEach(index -> index.searcher.close());
            }
        }
        report.write("case", "data", "several indexes, several threads", "rows", count, "dims", DIMS, "format", "all",
                "searches", searches.get(), "wrong", faults.size(), "seconds",
                GpuCheck.secondsSince(start), "faults", faults.subList(0, Math.min(5, faults.size())));
        return faults.isEmpty();
    }

    private void open(TestData.Kind kind, int count, Arena arena, List<Index> indexes) {
        TestData data = new TestData(kind, DIMS, SEED);
        Rows rows = data.rows(count, arena, pool);
        float[][] queries = data.queries(QUERIES);
        try (ExactSearch exact = new ExactSearch(rows, kind.metric(), Kernels.best(), pool)) {
            List<Hits> right = exact.search(queries, DEEPEST, null);
            for (ScreenFormat format : ScreenFormat.values()) {
                indexes.add(new Index(device.open(rows, kind.metric(), format), queries, right));
            }
        }
    }

    /** What went wrong. */
    private List<String> search(List<Index> indexes, Random random) {
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < SEARCHES_OF_EACH && System.nanoTime() < end; i++) {
            Index index = indexes.get(random.nextInt(indexes.size()));
            int from = random.nextInt(QUERIES);
            int to = random.nextInt(from, QUERIES) + 1;
            int k = random.nextInt(1, DEEPEST + 1);
            searches.incrementAndGet();
            String fault;
            try {
                float[][] some = Arrays.copyOfRange(index.queries, from, to);
                fault = Correctness.fault(index.right.subList(from, to), index.searcher.search().search(some, k, null),
                        k);
            } catch (RuntimeException e) {
                fault = GpuCheck.told(e);
            }
            if (fault != null) faults.add(to - from + " queries, k " + k + ": " + fault);
        }
        return faults;
    }
}
