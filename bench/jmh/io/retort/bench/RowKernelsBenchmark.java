package io.retort.bench;

import io.retort.simd.ElementChain;
import io.retort.simd.ElementChain.Instruction;
import io.retort.simd.ElementKernels;
import io.retort.simd.ElementOp;
import io.retort.simd.ElementRegisters;
import io.retort.simd.OptimizerKernels;
import io.retort.simd.OptimizerStep;
import io.retort.simd.RowKernels;
import io.retort.simd.Spread;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Everything of an encoder but its products, at the shapes of a batch of 32 x 64 tokens in MiniLM (d 384, ffn 1536, 12
 * heads), on one thread. Bytes are those of operands and results, each once.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class RowKernelsBenchmark {
    private static final int TOKENS = 2048, DIM = 384, INNER = 1536, HEAD_ROWS = 24_576, LENGTH = 64;
    private static final int PARAMETERS = 10_000_000;
    private static final OptimizerStep STEP = OptimizerStep.at(10, 1, 1e-5, .9, .999, 1e-8, .01);

    private static final ElementChain GELU = unary(ElementOp.GELU);
    private static final ElementChain TANH = unary(ElementOp.TANH);
    private static final ElementChain COPY = unary(ElementOp.COPY);
    private static final ElementChain BIAS_GELU = new ElementChain(List.of(Spread.FULL, Spread.COLUMN),
            List.of(Instruction.of(ElementOp.ADD, 0, 1), Instruction.of(ElementOp.GELU, 2)), List.of(3));
    private static final ElementChain GELU_BACKWARD = new ElementChain(List.of(Spread.FULL, Spread.FULL),
            List.of(Instruction.of(ElementOp.GELU_GRADIENT, 0), Instruction.of(ElementOp.MULTIPLY, 1, 2)), List.of(3));
    /** GELU as a graph of SameDiff has it before it is recognised. */
    private static final ElementChain GELU_BY_PARTS = new ElementChain(List.of(Spread.FULL),
            List.of(Instruction.withConstant(ElementOp.MULTIPLY_CONSTANT, 0, (float) Math.sqrt(.5)),
                    Instruction.of(ElementOp.ERF, 1), Instruction.withConstant(ElementOp.ADD_CONSTANT, 2, 1),
                    Instruction.withConstant(ElementOp.MULTIPLY_CONSTANT, 0, .5f),
                    Instruction.of(ElementOp.MULTIPLY, 3, 4)),
            List.of(5));

    private final RowKernels rows = RowKernels.best();
    private final ElementKernels elements = ElementKernels.best();
    private final OptimizerKernels optimizer = OptimizerKernels.best();
    private final ElementRegisters registers = new ElementRegisters();

    private Arena arena;
    private MemorySegment x, y, z, w, sums, parameters, gradients, first, second;

    private static ElementChain unary(ElementOp op) {
        return new ElementChain(List.of(Spread.FULL), List.of(Instruction.of(op, 0)), List.of(1));
    }

    @Setup(Level.Trial)
    public void fill() {
        arena = Arena.ofConfined();
        x = random(TOKENS * INNER);
        y = random(TOKENS * INNER);
        z = random(TOKENS * INNER);
        w = random(TOKENS * INNER);
        sums = random(INNER);
        parameters = random(PARAMETERS);
        gradients = random(PARAMETERS);
        first = random(PARAMETERS);
        second = arena.allocate(4L * PARAMETERS, 64);
    }

    private MemorySegment random(int floats) {
        SplittableRandom random = new SplittableRandom(floats);
        MemorySegment segment = arena.allocate(4L * floats, 64);
        for (int i = 0; i < floats; i++) segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        return segment;
    }

    @TearDown(Level.Trial)
    public void free() {
        arena.close();
    }

    @Benchmark
    public void softmax(Work work) {
        work.bytes += 8L * HEAD_ROWS * LENGTH;
        rows.softmax(x, .125f, y, LENGTH, z, LENGTH, 0, HEAD_ROWS);
    }

    @Benchmark
    public void softmaxGradient(Work work) {
        work.bytes += 12L * HEAD_ROWS * LENGTH;
        rows.softmaxGradient(x, y, .125f, z, LENGTH, 0, HEAD_ROWS);
    }

    @Benchmark
    public void layerNorm(Work work) {
        work.bytes += 16L * TOKENS * DIM;
        rows.layerNorm(x, y, w, sums, sums, 1e-12f, z, DIM, 0, TOKENS);
    }

    @Benchmark
    public void layerNormGradient(Work work) {
        work.bytes += 12L * TOKENS * DIM;
        rows.layerNormGradient(x, sums, 1e-12f, y, z, second, first, DIM, 0, TOKENS);
    }

    @Benchmark
    public void biasGradient(Work work) {
        work.bytes += 4L * TOKENS * INNER;
        rows.sumOfRows(x, sums, INNER, 0, TOKENS);
    }

    private void chain(ElementChain chain, Work work, MemorySegment... inputs) {
        int full = (int) chain.inputs().stream().filter(spread -> spread == Spread.FULL).count();
        work.bytes += 4L * (full + 1) * TOKENS * INNER;
        elements.run(chain, inputs, new MemorySegment[]{z}, INNER, 0, TOKENS, registers);
    }

    @Benchmark
    public void copy(Work work) {
        chain(COPY, work, x);
    }

    @Benchmark
    public void gelu(Work work) {
        chain(GELU, work, x);
    }

    @Benchmark
    public void geluOfParts(Work work) {
        chain(GELU_BY_PARTS, work, x);
    }

    @Benchmark
    public void biasGelu(Work work) {
        chain(BIAS_GELU, work, x, sums);
    }

    @Benchmark
    public void geluGradient(Work work) {
        chain(GELU_BACKWARD, work, x, y);
    }

    @Benchmark
    public void tanh(Work work) {
        chain(TANH, work, x);
    }

    @Benchmark
    public void adamW(Work work) {
        work.bytes += 28L * PARAMETERS;
        optimizer.adamW(STEP, parameters, gradients, first, second, 0, PARAMETERS);
    }

    @Benchmark
    public double norm(Work work) {
        work.bytes += 4L * PARAMETERS;
        return optimizer.sumOfSquares(gradients, 0, PARAMETERS);
    }
}
