package io.retort.bench;

import io.retort.simd.Activation;
import io.retort.simd.Epilogue;
import io.retort.simd.Gemm;
import io.retort.simd.Matrix;
import io.retort.simd.MatrixKernels;
import io.retort.simd.PackedMatrix;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
 * The products of a dense layer {@code y = x WT + b}, as a Transformer of dim 384 has them: for inference, with W
 * packed before, and the three of a training step, which packs on the way. A shape is tokens x inputs x outputs: 2048
 * tokens are a batch of 32 texts, 16 a single one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class GemmBenchmark {
    @Param({"2048x384x384", "2048x384x1536", "2048x1536x384", "16x384x1536"})
    public String shape;
    @Param({"1", "2"})
    public int threads;

    private final Arena arena = Arena.ofShared();
    private WorkerPool pool;
    private Gemm gemm;
    private int tokens, inputs, outputs;
    private Matrix x, w, y, dx, dw;
    private MemorySegment bias;
    private PackedMatrix packed;

    @Setup
    public void prepare() {
        String[] sizes = shape.split("x");
        tokens = Integer.parseInt(sizes[0]);
        inputs = Integer.parseInt(sizes[1]);
        outputs = Integer.parseInt(sizes[2]);
        pool = new WorkerPool(threads);
        gemm = new Gemm(MatrixKernels.best(), pool);
        x = Data.matrix(arena, tokens, inputs);
        w = Data.matrix(arena, outputs, inputs);
        y = Data.matrix(arena, tokens, outputs);
        dx = Data.matrix(arena, tokens, inputs);
        dw = Data.matrix(arena, outputs, inputs);
        bias = Data.matrix(arena, 1, outputs).memory();
        packed = PackedMatrix.pack(gemm.kernels(), w.transposed(), pool, arena);
    }

    @TearDown
    public void close() {
        gemm.close();
        pool.close();
        arena.close();
    }

    @Benchmark
    public Matrix inference(Work work) {
        gemm.multiply(x, packed, y, Epilogue.bias(bias));
        work.product(tokens, inputs, outputs);
        return y;
    }

    @Benchmark
    public Matrix inferenceWithGelu(Work work) {
        gemm.multiply(x, packed, y, Epilogue.bias(bias).withActivation(Activation.GELU));
        work.product(tokens, inputs, outputs);
        return y;
    }

    @Benchmark
    public Matrix forward(Work work) {
        gemm.multiply(x, w.transposed(), y, Epilogue.bias(bias));
        work.product(tokens, inputs, outputs);
        return y;
    }

    @Benchmark
    public Matrix gradientOfInput(Work work) {
        gemm.multiply(y, w, dx, Epilogue.NONE);
        work.product(tokens, outputs, inputs);
        return dx;
    }

    @Benchmark
    public Matrix gradientOfWeights(Work work) {
        gemm.multiply(y.transposed(), x, dw, Epilogue.NONE);
        work.product(outputs, tokens, inputs);
        return dw;
    }
}
