package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.search.ExactSearch;
import io.retort.search.Hit;
import io.retort.search.Hits;
import io.retort.search.Metric;
import io.retort.search.ResponseSearch;
import io.retort.search.SearchMethod;
import io.retort.search.SearchPlan;
import io.retort.search.SyntheticVectors;
import io.retort.simd.Kernels;
import io.retort.simd.RowFormat;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "search", mixinStandardHelpOptions = true,
        description = "Times finding the best rows for queries over made-up vectors in memory. Each call "
                + "asks other queries.")
final class BenchSearchCommand implements Callable<Integer> {
    private static final int MOST_DIMS = 1 << 16;
    private static final int MOST_QUERIES = 1 << 16;
    /** Number of different queries that calls take in turn, or one batch if that is more. */
    private static final int QUERIES = 256;
    private static final long SEED = 1;
    /** Number of float32 rows that are held at a time to tell how many of the best are found. */
    private static final int PIECE = 1 << 17;

    @Mixin
    private SearchOptions search;
    @Mixin
    private ThreadOption threads;
    @Mixin
    private RunOptions runs;
    @Mixin
    private Output output;

    @Option(names = "--rows", paramLabel = "N", defaultValue = "500000",
            description = "Vectors that are searched. Default: ${DEFAULT-VALUE}.")
    private int rows;

    @Option(names = "--dims", paramLabel = "N", defaultValue = "384",
            description = "Size of a vector. Default: ${DEFAULT-VALUE}.")
    private int dims;

    @Option(names = "--queries", paramLabel = "N", defaultValue = "1",
            description = "Queries of one call. Default: ${DEFAULT-VALUE}.")
    private int queries;

    @Option(names = {"-k", "--k"}, paramLabel = "N", defaultValue = "10",
            description = "Best rows of a query. Default: ${DEFAULT-VALUE}.")
    private int k;

    @Option(names = "--spread", paramLabel = "NAME", defaultValue = "clustered",
            description = "How the vectors lie: clustered, as sentences do, or isotropic. Default: ${DEFAULT-VALUE}.")
    private SyntheticVectors.Spread spread;

    @Option(names = "--stored", paramLabel = "FORM", defaultValue = "f32",
            description = "How the vectors are stored: f32, f16 or int8. Default: ${DEFAULT-VALUE}.")
    private RowFormat stored;

    @Option(names = "--no-recall",
            description = "Do not tell which share of the best of float32 is found where rows are "
                    + "rounded or the search is approximate: that takes as long again as making the vectors.")
    private boolean skipsRecall;

    @Override
    public Integer call() {
        check();
        SyntheticVectors vectors = new SyntheticVectors(spread, dims, SEED);
        try (WorkerPool pool = threads.pool(); Arena arena = Arena.ofShared()) {
            Kernels kernels = Kernels.best();
            SearchPlan plan = search.plan(rows, dims, stored, kernels);
            Rows searched = vectors.rows(rows, stored, arena, pool);
            float[][] asked = vectors.queries(Math.max(queries, QUERIES));
            try (ResponseSearch responses = plan.over(searched, Metric.INNER_PRODUCT, kernels, pool)) {
                int[] next = {0};
                Timings timings = runs.time("search", () -> {
                    if (next[0] + queries > asked.length) next[0] = 0;
                    responses.search(Arrays.copyOfRange(asked, next[0], next[0] + queries), k, null);
                    next[0] += queries;
                });
                boolean isRounded = stored != RowFormat.F32 || !responses.exactness().isExact();
                OptionalDouble recall = isRounded && !skipsRecall
                        ? OptionalDouble.of(recall(vectors, responses, kernels, pool))
                        : OptionalDouble.empty();
                print(SearchPlan.methodOf(responses), timings, recall);
            }
        }
        return 0;
    }

    /**
     * The share of the k best by exact search of the vectors as float32, made again piece by piece, that the search finds
     * of what is stored.
     */
    private double recall(SyntheticVectors vectors, ResponseSearch responses, Kernels kernels, WorkerPool pool) {
        float[][] asked = vectors.queries(QUERIES);
        TopK[] best = new TopK[QUERIES];
        Arrays.setAll(best, q -> new TopK(k));
        for (int from = 0; from < rows; from += PIECE) {
            int first = from, count = Math.min(PIECE, rows - from);
            try (Arena arena = Arena.ofShared();
                    ResponseSearch exact = new ExactSearch(vectors.rows(first, count, RowFormat.F32, arena, pool),
                            Metric.INNER_PRODUCT, kernels, pool)) {
                List<Hits> hits = exact.search(asked, Math.min(k, count), null);
                for (int q = 0; q < QUERIES; q++) {
                    for (Hit hit : hits.get(q)) best[q].offer(first + hit.row(), hit.score());
                }
            }
        }
        List<Hits> found = responses.search(asked, k, null);
        long shared = 0;
        for (int q = 0; q < QUERIES; q++) {
            Set<Integer> right = new HashSet<>();
            best[q].drain((row, _) -> right.add(row));
            shared += found.get(q).best().stream().filter(hit -> right.contains(hit.row())).count();
        }
        return (double) shared / QUERIES / k;
    }

    private void check() {
        if (rows < 1) throw BadInput.of("--rows " + rows, "use 1 or more");
        if (dims < 2 || dims > MOST_DIMS) throw BadInput.of("--dims " + dims, "use 2 to " + MOST_DIMS);
        if (queries < 1 || queries > MOST_QUERIES) {
            throw BadInput.of("--queries " + queries, "use 1 to " + MOST_QUERIES);
        }
        if (k < 1 || k > rows) throw BadInput.of("--k " + k, "use 1 to " + rows);
    }

    private void print(SearchMethod method, Timings timings, OptionalDouble recall) {
        String kernels = Kernels.best().name(), name = method.name().toLowerCase(Locale.ROOT);
        if (!output.json) {
            String form = stored == RowFormat.F32 ? "" : " " + stored.name().toLowerCase(Locale.ROOT);
            output.line(name + " search " + rows + " x " + dims + form
                    + ", queries " + queries + ", k " + k + ", " + kernels
                    + ", threads " + threads.count() + ": " + timings
                    + (recall.isPresent()
                            ? String.format(Locale.ROOT, ", %.4f of the %d best of float32", recall.getAsDouble(), k)
                            : ""));
            return;
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("search", name);
        facts.put("rows", rows);
        facts.put("dims", dims);
        facts.put("stored", stored.name().toLowerCase(Locale.ROOT));
        facts.put("queries", queries);
        facts.put("k", k);
        facts.put("spread", spread.name().toLowerCase(Locale.ROOT));
        facts.put("threads", threads.count());
        facts.put("kernels", kernels);
        recall.ifPresent(share -> facts.put("recall", share));
        output.json(timings.facts(facts));
    }
}
