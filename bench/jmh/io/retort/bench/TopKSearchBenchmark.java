package io.retort.bench;

import io.retort.search.Hits;
import io.retort.search.ResponseIndex;
import io.retort.search.ResponseSearch;
import io.retort.search.SearchMethod;
import io.retort.simd.Kernels;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The ten best of an index of 384 dims: one query is bound by reading the rows, 64 at once by arithmetic. Rates are those
 * of exact search: a screened one that shows more has saved the difference.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class TopKSearchBenchmark {
    private static final int DIMS = 384;

    @Param("500000")
    public int rows;
    @Param({"1", "16", "64"})
    public int queries;
    @Param({"1", "2"})
    public int threads;
    @Param("10")
    public int k;
    @Param({"EXACT", "SCREENED"})
    public SearchMethod method;

    private Path file;
    private ResponseIndex index;
    private WorkerPool pool;
    private ResponseSearch search;
    private float[][] batch;

    @Setup
    public void prepare() throws IOException {
        file = Files.createTempFile("retort-bench", ".index");
        Data.writeIndex(file, rows, DIMS);
        index = ResponseIndex.open(file);
        pool = new WorkerPool(threads);
        search = method.over(index, Kernels.best(), pool);
        batch = Data.queries(queries, DIMS);
    }

    @TearDown
    public void close() throws IOException {
        search.close();
        index.close();
        pool.close();
        Files.delete(file);
    }

    @Benchmark
    public List<Hits> search(Work work) {
        work.count(rows, DIMS, queries);
        return search.search(batch, k, null);
    }
}
