package io.retort.bench;

import io.retort.simd.BlockMatrix;
import io.retort.simd.Epilogue;
import io.retort.simd.Gemm;
import io.retort.simd.Matrix;
import io.retort.simd.MatrixKernels;
import io.retort.simd.PackedMatrix;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.QuantizedTensor;
import io.retort.tensor.QuantizedType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
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
 * Products with weights kept in blocks, beside those with float32 weights, for a number of rows: one is decoding of a
 * single sequence, sixteen that of a batch, more is reading of prompts. The weights are those of eight layers, so that
 * they come from memory as those of a model do. {@code bytes} are those of the weights.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 3, time = 1)
public class BlocksBenchmark {
    private static final int LAYERS = 8;

    /** A type of {@link QuantizedType}, F16, BF16, or F32 for weights that are not kept in blocks. */
    @Param({"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "F16", "F32"})
    public String type;
    /** The matrix of weights, as the number of inputs x the number of outputs. */
    @Param("1536x2048")
    public String shape;
    @Param({"1", "2", "3", "4", "16", "128"})
    public int rows;
    @Param({"1", "2"})
    public int threads;

    private final Arena arena = Arena.ofShared();
    private final BlockMatrix[] blocks = new BlockMatrix[LAYERS];
    private final PackedMatrix[] floats = new PackedMatrix[LAYERS];
    private WorkerPool pool;
    private Gemm gemm;
    private int inputs, outputs;
    private Matrix x, y;

    @Setup
    public void prepare() {
        inputs = Integer.parseInt(shape.split("x")[0]);
        outputs = Integer.parseInt(shape.split("x")[1]);
        pool = new WorkerPool(threads);
        gemm = new Gemm(MatrixKernels.best(), pool);
        x = Data.matrix(arena, rows, inputs);
        y = Data.matrix(arena, rows, outputs);
        for (int i = 0; i < LAYERS; i++) {
            if (type.equals("F32")) {
                Matrix w = Data.matrix(arena, outputs, inputs);
                floats[i] = PackedMatrix.pack(gemm.kernels(), w.transposed(), pool, arena);
            } else if (type.endsWith("F16")) {
                Tensor w = Tensor.of(new float[outputs * inputs], outputs, inputs).to(ElementType.valueOf(type));
                blocks[i] = BlockMatrix.of(w, pool, arena);
            } else {
                blocks[i] = BlockMatrix.of(random(QuantizedType.valueOf(type), i), pool, arena);
            }
        }
    }

    /** Random codes; the upper byte of every half that may be a scale is that of a small number. */
    private QuantizedTensor random(QuantizedType type, int seed) {
        byte[] bytes = new byte[outputs * (inputs / type.blockSize()) * type.blockBytes()];
        new SplittableRandom(seed).nextBytes(bytes);
        for (int at = 0; at < bytes.length; at += type.blockBytes()) {
            bytes[at + 1] = bytes[at + 3] = bytes[at + type.blockBytes() - 1] = 0x20;
        }
        return new QuantizedTensor(type, Shape.of(outputs, inputs), MemorySegment.ofArray(bytes));
    }

    @TearDown
    public void close() {
        gemm.close();
        pool.close();
        arena.close();
    }

    @Benchmark
    public Matrix layers(Work work) {
        for (int i = 0; i < LAYERS; i++) {
            if (floats[i] == null) gemm.multiply(x, blocks[i], y, Epilogue.NONE);
            else gemm.multiply(x, floats[i], y, Epilogue.NONE);
            work.bytes += floats[i] == null ? blocks[i].bytes() : 4L * inputs * outputs;
            work.flop += 2L * rows * inputs * outputs;
        }
        return y;
    }
}
