package io.retort.bench.gpu;

import io.retort.gpu.GpuResidence;
import io.retort.gpu.ScreenFormat;
import io.retort.search.ExactSearch;
import io.retort.search.Hits;
import io.retort.search.Metric;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows in one part and in several, kept on the card as a whole, as codes alone, or passing through it, as if it were too
 * small: compared with {@link ExactSearch}, hit by hit and bit by bit. A few seconds.
 */
final class Residences {
    /** None of these has scores of zero, of which the sign would not be told. */
    private static final List<TestData.Kind> KINDS = List.of(TestData.Kind.DESCENDING, TestData.Kind.HALF_EDGES);
    private static final int DIMS = 384;
    private static final long SEED = 77;

    private final Device device;
    private final WorkerPool pool;
    private final Report report;
    private final long end;
    private int cases;
    private int done;
    private int wrong;

    /**
     * @param end in {@link System#nanoTime()}, after which nothing further is begun
     */
    Residences(Device device, WorkerPool pool, Report report, long end) {
        this.device = device;
        this.pool = pool;
        this.report = report;
        this.end = end;
    }

    /** What is searched, and what is right. */
    private record Task(TestData.Kind kind, Rows rows, float[][] queries, List<Integer> counts, List<Integer> ks,
            Map<String, BitSet> filters, Map<String, List<Hits>> right) {
    }

    /** Whether all was right. */
    boolean run() {
        run(1000, List.of(1, 8, 300), List.of(10, 1000));
        run(65_537, List.of(1, 8, 65), List.of(10, 300));
        report.write("correctness", "extent", "RESIDENCES", "cases", cases, "done", done, "wrong", wrong);
        return wrong == 0;
    }

    private void run(int count, List<Integer> queries, List<Integer> ks) {
        for (TestData.Kind kind : KINDS) {
            TestData data = new TestData(kind, DIMS, SEED);
            try (Arena arena = Arena.ofShared()) {
                Rows rows = data.rows(count, arena, pool);
                Task task = new Task(kind, rows, data.queries(Collections.max(queries)), queries, ks,
                        Correctness.filters(count), new LinkedHashMap<>());
                try (ExactSearch exact = new ExactSearch(rows, Metric.INNER_PRODUCT, Kernels.best(), pool)) {
                    task.filters.forEach((name, allowed) -> task.right.put(name,
                            exact.search(task.queries, Collections.max(ks), allowed)));
                }
                search(task);
            }
        }
    }

    private void search(Task task) {
        for (GpuResidence residence : List.of(GpuResidence.STREAMED, GpuResidence.CODES, GpuResidence.WHOLE)) {
            for (ScreenFormat format : ScreenFormat.values()) {
                boolean codes = format != ScreenFormat.FLOAT32;
                // Rows that pass through do so as they are, whatever the format.
                if (residence == GpuResidence.CODES && !codes || residence == GpuResidence.STREAMED && codes) continue;
                for (int parts : List.of(3, 1)) {
                    // Whole and in one part is what all other checks are about.
                    if (residence == GpuResidence.WHOLE && parts == 1) continue;
                    cases++;
                    if (System.nanoTime() < end) search(task, residence, format, parts);
                }
            }
        }
    }

    private void search(Task task, GpuResidence residence, ScreenFormat format, int parts) {
        long start = System.nanoTime();
        List<String> faults = new ArrayList<>();
        int searches = 0;
        try (Device.Searcher searcher = device.open(cut(task.rows, parts), format, residence)) {
            for (Map.Entry<String, BitSet> filter : task.filters.entrySet()) {
                for (int count : task.counts) {
                    float[][] some = Arrays.copyOf(task.queries, count);
                    List<Hits> hits = task.right.get(filter.getKey()).subList(0, count);
                    for (int k : task.ks) {
                        searches++;
                        String fault = Correctness.fault(hits, searcher.search().search(some, k, filter.getValue()), k);
                        if (fault == null) continue;
                        faults.add(count + " queries, k " + k + ", filter " + filter.getKey() + ": " + fault);
                    }
                }
            }
        } catch (RuntimeException e) {
            faults.add(GpuCheck.told(e));
        }
        report.write("case", "data", task.kind + ", " + residence + " in parts: " + parts, "rows", task.rows.count(),
                "dims", DIMS, "format", format, "searches", searches, "wrong", faults.size(), "seconds",
                GpuCheck.secondsSince(start), "faults", faults.subList(0, Math.min(5, faults.size())));
        wrong += faults.size();
        done++;
    }

    /** Parts of unequal size, none of whole tiles. */
    private static List<Rows> cut(Rows rows, int parts) {
        List<Rows> cut = new ArrayList<>();
        for (int part = 1, from = 0; part <= parts; part++) {
            int to = part == parts ? rows.count() : rows.count() / (parts + 2) * part + 1;
            cut.add(new Rows(rows.data().asSlice(rows.offset(from), (to - from) * rows.stride()), to - from, DIMS));
            from = to;
        }
        return cut;
    }
}
