package io.retort.bench;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * Scores of a block of rows out of the level 2 cache: arithmetic alone. A block of 256 rows of 384 dims is 393 216
 * bytes, and 196 608 FLOP for each query.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class DotProductBenchmark {
    private static final int ROWS = 256;

    @Param({"scalar", "vector"})
    public String kernels;
    @Param({"128", "384", "768"})
    public int dims;

    private final Arena arena = Arena.ofShared();
    private Kernels chosen;
    private Rows rows;
    private float[][] queries;
    private float[][] scores;

    @Setup(Level.Trial)
    public void prepare() throws IOException {
        System.setProperty(Kernels.PROPERTY, kernels);
        chosen = Kernels.best();
        rows = Data.rows(arena, ROWS, dims);
        queries = Data.queries(16, dims);
        scores = new float[16][ROWS];
    }

    @TearDown
    public void close() {
        arena.close();
    }

    @Benchmark
    public float[] oneQuery(Work work) {
        chosen.scores(rows, 0, ROWS, queries[0], scores[0]);
        work.count(ROWS, dims, 1);
        return scores[0];
    }

    @Benchmark
    public float[][] sixteenQueries(Work work) {
        chosen.scores(rows, 0, ROWS, queries, scores);
        work.count(ROWS, dims, 16);
        return scores;
    }
}
