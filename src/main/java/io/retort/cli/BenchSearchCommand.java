package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.search.Metric;
import io.retort.search.ResponseSearch;
import io.retort.search.SearchMethod;
import io.retort.search.SearchPlan;
import io.retort.search.SyntheticVectors;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "search", mixinStandardHelpOptions = true,
        description = "Times finding the best rows for queries, exactly, over made-up vectors in memory. Each call "
                + "asks other queries.")
final class BenchSearchCommand implements Callable<Integer> {
    private static final int MOST_DIMS = 1 << 16;
    private static final int MOST_QUERIES = 1 << 16;
    /** Number of different queries that calls take in turn, or one batch if that is more. */
    private static final int QUERIES = 256;
    private static final long SEED = 1;

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

    @Override
    public Integer call() {
        check();
        SyntheticVectors vectors = new SyntheticVectors(spread, dims, SEED);
        try (WorkerPool pool = threads.pool(); Arena arena = Arena.ofShared()) {
            Kernels kernels = Kernels.best();
            SearchPlan plan = search.plan(rows, dims, kernels);
            Rows searched = vectors.rows(rows, arena, pool);
            float[][] asked = vectors.queries(Math.max(queries, QUERIES));
            try (ResponseSearch responses = plan.over(searched, Metric.INNER_PRODUCT, kernels, pool)) {
                int[] next = {0};
                Timings timings = runs.time("search", () -> {
                    if (next[0] + queries > asked.length) next[0] = 0;
                    responses.search(Arrays.copyOfRange(asked, next[0], next[0] + queries), k, null);
                    next[0] += queries;
                });
                print(SearchPlan.methodOf(responses), timings);
            }
        }
        return 0;
    }

    private void check() {
        if (rows < 1) throw BadInput.of("--rows " + rows, "use 1 or more");
        if (dims < 2 || dims > MOST_DIMS) throw BadInput.of("--dims " + dims, "use 2 to " + MOST_DIMS);
        if (queries < 1 || queries > MOST_QUERIES) {
            throw BadInput.of("--queries " + queries, "use 1 to " + MOST_QUERIES);
        }
        if (k < 1 || k > rows) throw BadInput.of("--k " + k, "use 1 to " + rows);
    }

    private void print(SearchMethod method, Timings timings) {
        String kernels = Kernels.best().name(), name = method.name().toLowerCase(Locale.ROOT);
        if (!output.json) {
            output.line(name + " search " + rows + " x " + dims + ", queries " + queries + ", k " + k + ", " + kernels
                    + ", threads " + threads.count() + ": " + timings);
            return;
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("search", name);
        facts.put("rows", rows);
        facts.put("dims", dims);
        facts.put("queries", queries);
        facts.put("k", k);
        facts.put("spread", spread.name().toLowerCase(Locale.ROOT));
        facts.put("threads", threads.count());
        facts.put("kernels", kernels);
        output.json(timings.facts(facts));
    }
}
