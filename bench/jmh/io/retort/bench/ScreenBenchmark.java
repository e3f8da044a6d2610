package io.retort.bench;

import io.retort.search.SyntheticVectors;
import io.retort.simd.Int8Query;
import io.retort.simd.Int8Rows;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.util.Arrays;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * The int8 pass alone, on one thread, with a threshold that no row reaches: bytes a second beside those of
 * {@link MemoryReadBenchmark}. With 64 queries it is bound by arithmetic: {@code flop} counts its whole-number additions
 * and multiplications.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class ScreenBenchmark {
    private static final int DIMS = 384;
    /** Rows between two looks at the thresholds, as in a search. */
    private static final int SPAN = 256;

    @Param("500000")
    public int rows;
    @Param({"1", "64"})
    public int queries;

    private final Kernels kernels = Kernels.best();
    private Int8Rows screen;
    private Int8Query[] batch;
    private float[] thresholds;
    private int[][] reached;

    @Setup
    public void prepare() {
        SyntheticVectors vectors = new SyntheticVectors(SyntheticVectors.Spread.ISOTROPIC, DIMS, 1);
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(2)) {
            Rows all = vectors.rows(rows, arena, pool);
            screen = Int8Rows.of(all, pool);
        }
        batch = Arrays.stream(vectors.queries(queries)).map(Int8Query::of).toArray(Int8Query[]::new);
        thresholds = new float[queries];
        Arrays.fill(thresholds, 2);
        reached = new int[queries][SPAN / Int8Rows.BLOCK];
    }

    @Benchmark
    public int[][] screen(Work work) {
        work.count(rows, DIMS, queries, Byte.BYTES);
        for (int first = 0; first < rows; first += SPAN) {
            kernels.screen(screen, first, Math.min(SPAN, rows - first), batch, thresholds, reached);
        }
        return reached;
    }
}
