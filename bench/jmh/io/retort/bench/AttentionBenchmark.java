package io.retort.bench;

import io.retort.simd.Attention;
import io.retort.simd.Matrix;
import io.retort.simd.Scratch;
import java.lang.foreign.Arena;
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

/** Attention of the twelve heads of 32 dims of one text, on one thread. FLOP are those of the products alone. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class AttentionBenchmark {
    private static final int HEADS = 12;
    private static final int DIM = 32;
    private static final float SCALE = (float) (1 / Math.sqrt(DIM));

    @Param({"16", "64", "256"})
    public int tokens;

    private final Arena arena = Arena.ofShared();
    private final Attention attention = Attention.best();
    private final Scratch scratch = new Scratch();
    private Matrix q, k, v, out, dq, dk, dv;

    @Setup
    public void prepare() {
        q = allHeads();
        k = allHeads();
        v = allHeads();
        out = allHeads();
        dq = allHeads();
        dk = allHeads();
        dv = allHeads();
    }

    private Matrix allHeads() {
        return Data.matrix(arena, tokens, HEADS * DIM);
    }

    private static Matrix head(Matrix all, int head) {
        return all.columns(head * DIM, (head + 1) * DIM);
    }

    @TearDown
    public void close() {
        scratch.close();
        arena.close();
    }

    @Benchmark
    public Matrix forward(Work work) {
        for (int h = 0; h < HEADS; h++) {
            attention.forward(head(q, h), head(k, h), head(v, h), null, null, SCALE, head(out, h), scratch);
            products(work, 2);
        }
        return out;
    }

    @Benchmark
    public Matrix gradient(Work work) {
        for (int h = 0; h < HEADS; h++) {
            attention.gradient(head(q, h), head(k, h), head(v, h), null, null, SCALE, head(out, h), head(dq, h),
                    head(dk, h), head(dv, h), null, scratch);
            products(work, 5);
        }
        return dq;
    }

    private void products(Work work, int count) {
        for (int i = 0; i < count; i++) work.product(tokens, DIM, tokens);
    }
}
