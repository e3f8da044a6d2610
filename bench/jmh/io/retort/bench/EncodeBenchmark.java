package io.retort.bench;

import io.retort.fetch.DefaultModel;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.RetrievalModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
 * The default encoder on batches of random ids, pooling included, to be set beside bench/peers/bench_encode.py. A token
 * costs about 21 MFLOP in matrix products (6 layers of 12 · 384² multiply-adds), attention a little more.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 3, time = 5)
public class EncodeBenchmark {
    @Param({"1", "32"})
    int batch;

    @Param({"16", "64"})
    int length;

    private RetrievalModel model;
    private List<int[]> texts;

    @Setup
    public void load() throws IOException {
        model = DefaultModel.folder().load(Engine.stock());
        Random random = new Random(1);
        texts = new ArrayList<>();
        for (int i = 0; i < batch; i++) texts.add(random.ints(length, 1000, 30000).toArray());
    }

    @TearDown
    public void close() {
        model.close();
    }

    @Benchmark
    public float[][] encode() {
        return model.encodeContexts(texts, Progress.NONE);
    }
}
