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

/** Times searches over many rows, and checks some of what they find. */
final class Figures {
    private static final long SEED = 7;
    private static final int QUERIES = 256;
    /** Queries of which all hits are compared with exact search on the CPU. */
    private static final int CHECKED = 16;
    private static final int WARM_UPS = 5;
    private static final int LEAST_ROUNDS = 5;
    private static final int MOST_ROUNDS = 500;
    private static final long NANOS_OF_EACH = 800_000_000L;

    /**
     * What is timed.
     *
     * @param formats in which the rows are read, the most telling first
     * @param batches queries at once
     */
    record Shape(TestData.Kind kind, int rows, int dims, List<ScreenFormat> formats, List<Integer> batches,
            List<Integer> ks) {
    }

    private final Device device;
    private final WorkerPool pool;
    private final Report report;
    private final long end;

    /**
     * @param end in {@link System#nanoTime()}, after which nothing further is begun
     */
    Figures(Device device, WorkerPool pool, Report report, long end) {
        this.device = device;
        this.pool = pool;
        this.report = report;
        this.end = end;
    }

    /** Whether all hits that were checked were right. */
    boolean run(Shape shape) {
        boolean right = true;
        TestData data = new TestData(shape.kind, shape.dims, SEED);
        try (Arena arena = Arena.ofShared()) {
            long start = System.nanoTime();
            Rows rows = data.rows(shape.rows, arena, pool);
            double madeIn = GpuCheck.secondsSince(start);
            float[][] queries = data.queries(QUERIES);
            int deepest = shape.ks.stream().max(Integer::compare).orElseThrow();
            start = System.nanoTime();
            List<Hits> exact;
            try (ExactSearch oracle = new ExactSearch(rows, shape.kind.metric(), Kernels.best(), pool)) {
                exact = oracle.search(Arrays.copyOf(queries, CHECKED), deepest, null);
            }
            report.write("rows", "data", shape.kind, "rows", shape.rows, "dims", shape.dims, "made_in_s", madeIn,
                    "exact_search_of_" + CHECKED + "_s", GpuCheck.secondsSince(start));
            for (ScreenFormat format : shape.formats) {
                if (System.nanoTime() >= end) break;
                start = System.nanoTime();
                try (Device.Searcher searcher = device.open(rows, shape.kind.metric(), format)) {
                    report.write("opened", "data", shape.kind, "rows", shape.rows, "dims", shape.dims, "format", format,
                            "seconds", GpuCheck.secondsSince(start));
                    right &= timed(shape, format, searcher, queries, exact);
                } catch (RuntimeException e) {
                    report.write("failure", "data", shape.kind, "rows", shape.rows, "dims", shape.dims, "format",
                            format, "fault", GpuCheck.told(e));
                    right = false;
                }
            }
        }
        return right;
    }

    private boolean timed(Shape shape, ScreenFormat format, Device.Searcher searcher, float[][] queries,
            List<Hits> exact) {
        boolean right = true;
        for (int k : shape.ks) {
            String fault = Correctness.fault(exact,
                    searcher.search().search(Arrays.copyOf(queries, CHECKED), k, null), k);
            for (int batch : shape.batches) {
                if (System.nanoTime() >= end) return right;
                List<Double> kernel = new ArrayList<>();
                List<Double> wall = new ArrayList<>();
                List<Double> beyond = new ArrayList<>();
                long until = Math.min(end, System.nanoTime() + NANOS_OF_EACH);
                for (int round = -WARM_UPS; round < MOST_ROUNDS; round++) {
                    if (round >= LEAST_ROUNDS && System.nanoTime() >= until) break;
                    int first = Math.floorMod(round * batch, QUERIES - batch + 1);
                    float[][] some = Arrays.copyOfRange(queries, first, first + batch);
                    long start = System.nanoTime();
                    List<Hits> hits = searcher.search().search(some, k, null);
                    double millis = (System.nanoTime() - start) / 1e6;
                    if (first == 0 && fault == null) {
                        int checked = Math.min(batch, CHECKED);
                        fault = Correctness.fault(exact.subList(0, checked), hits.subList(0, checked), k);
                    }
                    if (round < 0) continue;
                    wall.add(millis);
                    kernel.add(searcher.kernelMillis());
                    beyond.add(1000 * (millis - searcher.kernelMillis()));
                }
                right &= fault == null;
                report.write("figure", "data", shape.kind, "rows", shape.rows, "dims", shape.dims, "format", format,
                        "queries", batch, "k", k, "kernel_ms", median(kernel), "wall_ms", median(wall),
                        "beyond_kernel_us", median(beyond), "kernel_ms_least", kernel.stream().min(Double::compare)
                                .orElseThrow(),
                        "rounds", kernel.size(), "exact", fault == null, "fault", fault);
            }
        }
        return right;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
