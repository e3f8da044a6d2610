package io.retort.bench.gpu;

import io.retort.gpu.ScreenFormat;
import io.retort.search.ExactSearch;
import io.retort.search.Hit;
import io.retort.search.Hits;
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
import java.util.Random;

/**
 * Compares every hit and the bits of every score with {@link ExactSearch}, on rows of all kinds, until all cases are
 * done or the time is up. Cases come in a shuffled order, so that what a shorter run leaves out is of no one sort.
 */
final class Correctness {
    /** What a run goes through. */
    enum Extent {
        /** Up to a thousand rows: every edge of tiles and batches. */
        SMALL(List.of(1, 2, 63, 64, 65, 127, 1000), List.of(1, 3, 8, 64, 100, 256, 300),
                List.of(1, 10, 100, 1024)),
        /** Many blocks, and thresholds that they share. */
        LARGE(List.of(65_537, 1_000_000), List.of(1, 3, 64), List.of(1, 10, 100, 1024)),
        /** So few that a sanitizer, a hundred times slower, gets through them. */
        SANITIZED(List.of(65, 1000), List.of(1, 3, 8, 33, 65, 200), List.of(1, 100));

        private final List<Integer> sizes;
        private final List<Integer> queries;
        private final List<Integer> ks;

        Extent(List<Integer> sizes, List<Integer> queries, List<Integer> ks) {
            this.sizes = sizes;
            this.queries = queries;
            this.ks = ks;
        }
    }

    private static final long SEED = 20_251;
    private static final List<Integer> DIMS = List.of(1, 3, 64, 100, 384, 768, 1024);
    private static final int DIMS_OF_EACH = 3;
    /** So many of 768 dims fit anywhere and are made in a second. */
    private static final int ONLY_SOME_KINDS_FROM = 1_000_000;
    private static final int MOST_FAULTS_TOLD = 5;
    /** A card that refuses everything since an error tells nothing more. */
    private static final int MOST_THROWN = 6;

    private record Case(TestData.Kind kind, int rows, int dims) {
    }

    private final Device device;
    private final WorkerPool pool;
    private final Report report;
    private final long end;
    private int thrown;

    /**
     * @param end in {@link System#nanoTime()}, after which no further case is begun
     */
    Correctness(Device device, WorkerPool pool, Report report, long end) {
        this.device = device;
        this.pool = pool;
        this.report = report;
        this.end = end;
    }

    /** Whether all was right. */
    boolean run(Extent extent, int mostRows) {
        List<Case> cases = cases(extent, mostRows);
        int done = 0;
        int wrong = 0;
        for (Case each : cases) {
            if (System.nanoTime() >= end || thrown > MOST_THROWN) break;
            wrong += wrongOf(each, extent);
            done++;
        }
        report.write("correctness", "extent", extent, "cases", cases.size(), "done", done, "wrong", wrong);
        return wrong == 0;
    }

    /**
     * One search through each kernel, timed: the first of each kind waits for the driver's compiler, whose work the
     * driver keeps for the next process.
     */
    boolean runFirst() {
        TestData data = new TestData(TestData.Kind.CLUSTERED, 384, SEED);
        boolean sound = true;
        try (Arena arena = Arena.ofShared()) {
            Rows rows = data.rows(10_000, arena, pool);
            float[][] queries = data.queries(256);
            List<Hits> right;
            try (ExactSearch exact = new ExactSearch(rows, data.metric(), Kernels.best(), pool)) {
                right = exact.search(queries, 10, null);
            }
            for (ScreenFormat format : ScreenFormat.values()) {
                for (int count : List.of(1, 4, 8, 64, 128, 256)) {
                    long start = System.nanoTime();
                    String fault;
                    try (Device.Searcher searcher = device.open(rows, data.metric(), format)) {
                        float[][] some = Arrays.copyOf(queries, count);
                        fault = fault(right.subList(0, count), searcher.search().search(some, 10, null), 10);
                    } catch (RuntimeException e) {
                        fault = GpuCheck.told(e);
                    }
                    sound &= fault == null;
                    report.write("first", "format", format, "queries", count, "seconds", GpuCheck.secondsSince(start),
                            "wrong", fault == null ? 0 : 1, "fault", fault);
                }
            }
        }
        return sound;
    }

    private static List<Case> cases(Extent extent, int mostRows) {
        List<Case> cases = new ArrayList<>();
        int turn = 0;
        for (int size : extent.sizes) {
            if (size > mostRows) continue;
            for (TestData.Kind kind : TestData.Kind.values()) {
                boolean plain = kind.ordinal() <= TestData.Kind.FEW_DISTINCT.ordinal();
                if (size >= ONLY_SOME_KINDS_FROM && !plain && kind != TestData.Kind.ASCENDING) continue;
                int dims = extent == Extent.SMALL ? DIMS_OF_EACH : 1;
                for (int i = 0; i < dims; i++) {
                    int chosen = extent == Extent.SMALL ? DIMS.get(turn++ % DIMS.size()) : size < 100 ? 100 : 384;
                    cases.add(new Case(kind, size, chosen));
                }
            }
        }
        Collections.shuffle(cases, new Random(SEED));
        return cases;
    }

    /** How many searches of this case found something else than they should. */
    private int wrongOf(Case each, Extent extent) {
        int most = Collections.max(extent.queries);
        int deepest = Math.min(each.rows, Collections.max(extent.ks));
        TestData data = new TestData(each.kind, each.dims, SEED);
        int wrong = 0;
        try (Arena arena = Arena.ofShared()) {
            Rows rows = data.rows(each.rows, arena, pool);
            float[][] queries = data.queries(most);
            Map<String, BitSet> filters = filters(each.rows);
            Map<String, List<Hits>> right = new LinkedHashMap<>();
            try (ExactSearch exact = new ExactSearch(rows, each.kind.metric(), Kernels.best(), pool)) {
                filters.forEach((name, allowed) -> right.put(name, exact.search(queries, deepest, allowed)));
            }
            for (ScreenFormat format : ScreenFormat.values()) {
                if (System.nanoTime() >= end) break;
                long start = System.nanoTime();
                List<String> faults = new ArrayList<>();
                int searches = 0;
                try (Device.Searcher searcher = device.open(rows, each.kind.metric(), format)) {
                    for (Map.Entry<String, List<Hits>> due : right.entrySet()) {
                        if (System.nanoTime() >= end) break;
                        BitSet allowed = filters.get(due.getKey());
                        for (int count : extent.queries) {
                            // The last ones, so that each stands at another place of each batch.
                            float[][] some = Arrays.copyOfRange(queries, most - count, most);
                            List<Hits> hits = due.getValue().subList(most - count, most);
                            for (int k : extent.ks) {
                                if (k > each.rows) continue;
                                searches++;
                                String fault = fault(hits, searcher.search().search(some, k, allowed), k);
                                if (fault == null) continue;
                                faults.add(count + " queries, k " + k + ", filter " + due.getKey() + ": " + fault);
                            }
                        }
                    }
                } catch (RuntimeException e) {
                    faults.add(GpuCheck.told(e));
                    thrown++;
                }
                wrong += faults.size();
                report.write("case", "data", each.kind, "rows", each.rows, "dims", each.dims, "format", format,
                        "searches", searches, "wrong", faults.size(), "seconds", GpuCheck.secondsSince(start), "faults",
                        faults.subList(0, Math.min(MOST_FAULTS_TOLD, faults.size())));
            }
        }
        return wrong;
    }

    /** By name; null allows all. */
    static Map<String, BitSet> filters(int rows) {
        Random random = new Random(SEED + rows);
        BitSet half = new BitSet();
        BitSet few = new BitSet();
        for (int r = 0; r < rows; r++) {
            if (random.nextBoolean()) half.set(r);
        }
        for (int i = 0; i < 3; i++) few.set(random.nextInt(rows));
        few.set(rows - 1);
        Map<String, BitSet> filters = new LinkedHashMap<>();
        filters.put("none", null);
        filters.put("half", half);
        filters.put("few", few);
        filters.put("nothing", new BitSet());
        return filters;
    }

    /**
     * What differs first, in words, or null.
     *
     * @param right the best, at least k of them if there are as many; a smaller k's hits are their beginning
     */
    static String fault(List<Hits> right, List<Hits> found, int k) {
        if (found.size() != right.size()) return found.size() + " answers to " + right.size() + " queries";
        for (int q = 0; q < right.size(); q++) {
            int due = Math.min(k, right.get(q).size());
            if (found.get(q).size() != due) return "query " + q + " has " + found.get(q).size() + " hits, not " + due;
            for (int i = 0; i < due; i++) {
                Hit hit = found.get(q).get(i);
                Hit wanted = right.get(q).get(i);
                if (hit.row() == wanted.row()
                        && Float.floatToRawIntBits(hit.score()) == Float.floatToRawIntBits(wanted.score())) {
                    continue;
                }
                return "query " + q + " has " + hit + " at rank " + i + ", not " + wanted;
            }
        }
        return null;
    }
}
