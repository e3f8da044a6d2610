package io.retort.graph;

import io.retort.graph.Operation.AttentionGradient;
import io.retort.graph.Operation.Chain;
import io.retort.graph.Operation.Expand;
import io.retort.graph.Operation.LayerNorm;
import io.retort.graph.Operation.LayerNormGradient;
import io.retort.graph.Operation.Product;
import io.retort.graph.Operation.ResidualNorm;
import io.retort.graph.Operation.Softmax;
import io.retort.graph.Operation.Sum;
import io.retort.simd.Attention;
import io.retort.simd.ElementChain;
import io.retort.simd.ElementKernels;
import io.retort.simd.Epilogue;
import io.retort.simd.Matrix;
import io.retort.simd.RowKernels;
import io.retort.simd.WorkerPool;
import io.retort.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * Writes the steps that compute values: chooses the kernel for each operation, the memory that it works on and how
 * threads share the work.
 */
final class StepWriter {
    /** Elements of a range of rows: long enough to be worth handing over, short enough for the level 1 cache. */
    private static final int RANGE = 8192;
    /**
     * Rows whose contributions to a sum over rows are added up together. The ranges are the same whatever the number of
     * threads, and so is the order in which their sums are added: results do not depend on it.
     */
    private static final int SUM_ROWS = 128;

    private final Lowering lowering;
    private final RowAttentionWriter rowAttention;

    StepWriter(Lowering lowering) {
        this.lowering = lowering;
        this.rowAttention = new RowAttentionWriter(lowering);
    }

    void write(Value v) {
        // What encoders need comes first, and outside of the switch over types, for which the JVM makes a class.
        if (v.operation instanceof Chain chain) {
            chain(v, chain);
        } else if (v.operation instanceof Product product) {
            product(v, product);
        } else if (v.operation instanceof Expand) {
            copy(lowering.place(v.input(0)).expanded(v.shape), lowering.result(v));
        } else if (v.operation instanceof Sum sum) {
            sum(v, sum);
        } else if (v.operation instanceof LayerNorm norm) {
            rows(v, norm, (kernels, in, out, dim, from, to) -> kernels.layerNorm(in[0], null, null, in[1], in[2],
                    norm.epsilon(), out, dim, from, to));
        } else if (v.operation instanceof ResidualNorm norm) {
            residualNorm(v, norm);
        } else if (v.operation instanceof Operation.Attention attention) {
            attention(v, attention);
        } else {
            writeRare(v);
        }
    }

    private void writeRare(Value v) {
        switch (v.operation) {
            case Operation.Concatenation concatenation -> concatenation(v, concatenation);
            case Operation.OneHot oneHot -> rows(v, oneHot, StepWriter::oneHot);
            case Softmax softmax -> softmax(v, softmax);
            case Operation.SoftmaxGradient gradient -> rows(v, gradient,
                    (kernels, in, out, dim, from, to) -> kernels.softmaxGradient(in[0], in[1], 1, out, dim, from, to));
            case Operation.LogSoftmax log -> rows(v, log,
                    (kernels, in, out, dim, from, to) -> kernels.logSoftmax(in[0], out, dim, from, to));
            case Operation.LogSoftmaxGradient gradient -> rows(v, gradient,
                    (kernels, in, out, dim, from, to) -> kernels.logSoftmaxGradient(in[0], in[1], out, dim, from, to));
            case LayerNormGradient gradient -> layerNormGradient(v, gradient);
            case Operation.MaskScan scan -> rowAttention.scan(v);
            case Operation.RowAttention attention -> rowAttention.forward(v, attention.scale());
            case Operation.RowAttentionGradient gradient -> rowAttention.gradient(v, gradient);
            case AttentionGradient gradient -> attentionGradient(v, gradient);
            default -> throw new AssertionError(v);
        }
    }

    // ---- by rows

    /** A kernel that computes a range of rows independently of the other rows. */
    private interface RowLoop {
        void run(RowKernels kernels, MemorySegment[] in, MemorySegment out, int dim, int from, int to);
    }

    private void rows(Value v, Operation operation, RowLoop loop) {
        List<Place> in = v.inputs.stream().map(lowering::dense).toList();
        Place out = lowering.result(v);
        int rows = v.rows(), dim = v.dim(-1);
        lowering.step(operation, with(in, out), workspace -> {
            MemorySegment[] inputs = workspace.memory(in);
            MemorySegment output = workspace.memory(out);
            RowKernels kernels = workspace.rowKernels();
            return loop(workspace, rows, grain(dim),
                    (slot, from, to) -> loop.run(kernels, inputs, output, dim, from, to));
        });
    }

    private void softmax(Value v, Softmax softmax) {
        if (v.inputs.size() == 1) {
            rows(v, softmax, (kernels, in, out, dim, from, to) -> kernels.softmax(in[0], softmax.scale(), null, 1, out,
                    dim, from, to));
        } else {
            int rowsPerRow = SoftmaxFusion.rowsPerRow(v.input(1), v);
            rows(v, softmax, (kernels, in, out, dim, from, to) -> kernels.softmax(in[0], softmax.scale(), in[1],
                    rowsPerRow, out, dim, from, to));
        }
    }

    private void residualNorm(Value v, ResidualNorm norm) {
        List<Place> in = v.inputs.stream().map(lowering::dense).toList();
        Place out = lowering.part(v, 0, false), sum = lowering.part(v, 1, false);
        int rows = v.rows(), dim = v.dim(-1);
        lowering.step(norm, with(in, out, sum), workspace -> {
            MemorySegment[] inputs = workspace.memory(in);
            MemorySegment output = workspace.memory(out), sums = sum == null ? null : workspace.memory(sum);
            RowKernels kernels = workspace.rowKernels();
            return loop(workspace, rows, grain(dim), (slot, from, to) -> kernels.layerNorm(inputs[0], inputs[1], sums,
                    inputs[2], inputs[3], norm.epsilon(), output, dim, from, to));
        });
    }

    private void layerNormGradient(Value v, LayerNormGradient gradient) {
        List<Place> in = v.inputs.stream().map(lowering::dense).toList();
        int rows = v.rows(), dim = v.dim(-1), ranges = Math.ceilDiv(rows, SUM_ROWS);
        Place dx = lowering.part(v, 0, false);
        Place dWeight = lowering.part(v, 1, false), dBias = lowering.part(v, 2, false);
        Place weightSums = dWeight == null ? null : lowering.fresh(Shape.of(ranges, dim));
        Place biasSums = dBias == null ? null : lowering.fresh(Shape.of(ranges, dim));
        lowering.step(gradient, with(in, dx, weightSums, biasSums), workspace -> {
            MemorySegment[] inputs = workspace.memory(in);
            MemorySegment out = dx == null ? null : workspace.memory(dx);
            MemorySegment[] ofWeight = rangeSums(workspace, weightSums, ranges, dim);
            MemorySegment[] ofBias = rangeSums(workspace, biasSums, ranges, dim);
            RowKernels kernels = workspace.rowKernels();
            return loop(workspace, ranges, 1, (slot, range, end) -> {
                if (ofWeight[range] != null) ofWeight[range].fill((byte) 0);
                if (ofBias[range] != null) ofBias[range].fill((byte) 0);
                kernels.layerNormGradient(inputs[0], inputs[1], gradient.epsilon(), inputs[2], out, ofWeight[range],
                        ofBias[range], dim, range * SUM_ROWS, Math.min(rows, (range + 1) * SUM_ROWS));
            });
        });
        if (dWeight != null) addUp(gradient, weightSums, dWeight, ranges, dim);
        if (dBias != null) addUp(gradient, biasSums, dBias, ranges, dim);
    }

    private static MemorySegment[] rangeSums(Workspace workspace, Place sums, int ranges, int dim) {
        MemorySegment[] each = new MemorySegment[ranges];
        if (sums == null) return each;
        MemorySegment all = workspace.memory(sums);
        for (int i = 0; i < ranges; i++) each[i] = all.asSlice(4L * dim * i, 4L * dim);
        return each;
    }

    /** Writes the step that adds up {@code rows} rows in their order. */
    private void addUp(Operation operation, Place from, Place into, int rows, int dim) {
        lowering.step(operation, with(List.of(from), into), workspace -> {
            MemorySegment sums = workspace.memory(from), total = workspace.memory(into);
            RowKernels kernels = workspace.rowKernels();
            return () -> {
                total.fill((byte) 0);
                kernels.sumOfRows(sums, total, dim, 0, rows);
            };
        });
    }

    // ---- sums

    private void sum(Value v, Sum sum) {
        Place in = lowering.dense(v.input(0));
        if (sum.inner() == 1) {
            Place out = lowering.result(v);
            lowering.step(sum, with(List.of(in), out), workspace -> {
                MemorySegment input = workspace.memory(in), output = workspace.memory(out);
                RowKernels kernels = workspace.rowKernels();
                return loop(workspace, sum.outer(), grain(sum.length()), (slot, from, to) -> kernels.sumInRows(input,
                        sum.scale(), output, sum.length(), from, to));
            });
        } else {
            sumOfRows(v, sum, in);
        }
    }

    /**
     * Writes the sums over rows for each outer index: first the sum of each range of rows, then the sum of the ranges.
     */
    private void sumOfRows(Value v, Sum sum, Place in) {
        int ranges = Math.ceilDiv(sum.length(), SUM_ROWS), dim = sum.inner();
        Place sums = lowering.fresh(Shape.of(sum.outer(), ranges, dim));
        Place out = lowering.result(v);
        lowering.step(sum, with(List.of(in), sums), workspace -> {
            MemorySegment input = workspace.memory(in);
            MemorySegment[] each = rangeSums(workspace, sums, sum.outer() * ranges, dim);
            RowKernels kernels = workspace.rowKernels();
            return loop(workspace, each.length, 1, (slot, i, end) -> {
                int first = i / ranges * sum.length() + i % ranges * SUM_ROWS;
                int last = Math.min(first + SUM_ROWS, (i / ranges + 1) * sum.length());
                each[i].fill((byte) 0);
                kernels.sumOfRows(input, each[i], dim, first, last);
            });
        });
        lowering.step(sum, with(List.of(sums), out), workspace -> {
            MemorySegment input = workspace.memory(sums);
            MemorySegment[] each = rangeSums(workspace, out, sum.outer(), dim);
            RowKernels kernels = workspace.rowKernels();
            return loop(workspace, sum.outer(), 1, (slot, i, end) -> {
                each[i].fill((byte) 0);
                kernels.sumOfRows(input, each[i], dim, i * ranges, (i + 1) * ranges);
            });
        });
    }

    // ---- element by element

    private void chain(Value v, Chain operation) {
        ElementChain chain = operation.chain();
        List<Place> in = v.inputs.stream().map(lowering::dense).toList();
        Place out = lowering.result(v);
        int columns = operation.columns(), rows = columns == 0 ? 0 : v.size() / columns;
        lowering.step(operation, with(in, out), workspace -> {
            MemorySegment[] inputs = workspace.memory(in), outputs = {workspace.memory(out)};
            ElementKernels kernels = workspace.elementKernels();
            return loop(workspace, rows, grain(columns), (slot, from, to) -> kernels.run(chain, inputs, outputs,
                    columns, from, to, workspace.registers(slot)));
        });
    }

    // ---- products

    private void product(Value v, Product product) {
        Place a = lowering.place(v.input(0)), b = lowering.place(v.input(1));
        Place bias = product.biased() ? lowering.dense(v.input(2)) : null;
        Place addend = product.added() ? lowering.dense(v.inputs.getLast()) : null;
        Place c = lowering.stridedResult(v);
        List<Place> touched = with(List.of(a, b), c, bias, addend);
        int matrices = c.matrices();
        lowering.step(product, touched, workspace -> {
            Matrix addends = addend == null ? null : addend.matrix(workspace.storage(addend), 0, false);
            Epilogue epilogue = new Epilogue(product.scale(), bias == null ? null : workspace.memory(bias), addends,
                    product.activation());
            Matrix[] as = matrices(workspace, a, product.transposeA());
            Matrix[] cs = matrices(workspace, c, false);
            Weights.Operand weights = workspace.operand(b, product.transposeB());
            if (weights != null) return () -> weights.multiply(workspace.gemm(), as[0], cs[0], epilogue);
            Matrix[] bs = matrices(workspace, b, product.transposeB());
            if (matrices == 1) return () -> workspace.gemm().multiply(as[0], bs[0], cs[0], epilogue);
            IntFunction<Matrix> ai = i -> as[i], bi = i -> bs[i], ci = i -> cs[i];
            return () -> workspace.gemm().multiplyBatch(matrices, ai, bi, ci, epilogue);
        });
    }

    private static Matrix[] matrices(Workspace workspace, Place place, boolean transposed) {
        Matrix[] matrices = new Matrix[place.matrices()];
        MemorySegment memory = workspace.storage(place);
        for (int i = 0; i < matrices.length; i++) matrices[i] = place.matrix(memory, i, transposed);
        return matrices;
    }

    private void attention(Value v, Operation.Attention attention) {
        Place q = lowering.place(v.input(0)), k = lowering.place(v.input(1)), x = lowering.place(v.input(2));
        Place mask = attention.masked() ? lowering.dense(v.input(3)) : null;
        Place bias = attention.biased() ? bias(v) : null;
        Place out = lowering.stridedResult(v);
        int heads = v.dim(1), keys = v.input(1).dim(2);
        lowering.step(attention, with(List.of(q, k, x), out, mask, bias), workspace -> {
            Matrix[] qs = matrices(workspace, q, false), ks = matrices(workspace, k, false);
            Matrix[] vs = matrices(workspace, x, false), outs = matrices(workspace, out, false);
            Attention kernels = workspace.attention();
            MemorySegment[] masks = masks(workspace, mask, qs.length, heads, keys);
            Matrix[] biases = biases(workspace, bias, qs.length);
            return loop(workspace, qs.length, 1, (slot, i, end) -> kernels.forward(qs[i], ks[i], vs[i], biases[i],
                    masks[i], attention.scale(), outs[i], workspace.scratch(slot)));
        });
    }

    /** Returns the last input, what attention adds to its logits, as one matrix for each head of each text. */
    private Place bias(Value v) {
        Value q = v.input(0);
        return lowering.dense(v.inputs.getLast())
                .expanded(Shape.of(q.dim(0), q.dim(1), q.dim(2), v.input(1).dim(2)));
    }

    private void attentionGradient(Value v, AttentionGradient gradient) {
        List<Place> in = new ArrayList<>();
        for (int i = 0; i < 4; i++) in.add(lowering.place(v.input(i)));
        Place mask = gradient.masked() ? lowering.dense(v.input(4)) : null;
        Place bias = gradient.biased() ? bias(v) : null;
        List<Place> out = new ArrayList<>();
        for (int i = 0; i < 3; i++) out.add(lowering.part(v, i, true));
        Place dLogits = lowering.part(v, 3, false);
        List<Place> touched = new ArrayList<>(in);
        touched.addAll(out);
        int heads = v.input(0).dim(1), queries = v.input(0).dim(2), keys = v.input(1).dim(2);
        lowering.step(gradient, with(touched, mask, bias, dLogits), workspace -> {
            Matrix[] qs = matrices(workspace, in.get(0), false), ks = matrices(workspace, in.get(1), false);
            Matrix[] vs = matrices(workspace, in.get(2), false), dOuts = matrices(workspace, in.get(3), false);
            Matrix[] dqs = matrices(workspace, out.get(0), false), dks = matrices(workspace, out.get(1), false);
            Matrix[] dvs = matrices(workspace, out.get(2), false);
            Attention kernels = workspace.attention();
            MemorySegment[] masks = masks(workspace, mask, qs.length, heads, keys);
            Matrix[] biases = biases(workspace, bias, qs.length);
            MemorySegment logits = dLogits == null ? null : workspace.memory(dLogits);
            long bytes = 4L * queries * keys;
            return loop(workspace, qs.length, 1, (slot, i, end) -> kernels.gradient(qs[i], ks[i], vs[i], biases[i],
                    masks[i], gradient.scale(), dOuts[i], dqs[i], dks[i], dvs[i],
                    logits == null ? null : logits.asSlice(i * bytes, bytes), workspace.scratch(slot)));
        });
    }

    /** Returns for each head what is added to its logits, or null. */
    private static Matrix[] biases(Workspace workspace, Place bias, int matrices) {
        return bias == null ? new Matrix[matrices] : matrices(workspace, bias, false);
    }

    /** Returns for each head the mask of the text that it belongs to. */
    private static MemorySegment[] masks(Workspace workspace, Place mask, int matrices, int heads, int keys) {
        MemorySegment[] masks = new MemorySegment[matrices];
        if (mask == null) return masks;
        MemorySegment all = workspace.memory(mask);
        for (int i = 0; i < matrices; i++) masks[i] = all.asSlice(4L * keys * (i / heads), 4L * keys);
        return masks;
    }

    private void concatenation(Value v, Operation.Concatenation operation) {
        List<Place> in = v.inputs.stream().map(lowering::dense).toList();
        Place out = lowering.result(v);
        lowering.step(operation, with(in, out), workspace -> {
            MemorySegment[] inputs = workspace.memory(in);
            MemorySegment output = workspace.memory(out);
            return () -> {
                long at = 0;
                for (MemorySegment input : inputs) {
                    MemorySegment.copy(input, 0, output, at, input.byteSize());
                    at += input.byteSize();
                }
            };
        });
    }

    private static void oneHot(RowKernels kernels, MemorySegment[] in, MemorySegment out, int depth, int from, int to) {
        out.asSlice(4L * depth * from, 4L * depth * (to - from)).fill((byte) 0);
        for (int row = from; row < to; row++) {
            int index = (int) in[0].getAtIndex(ValueLayout.JAVA_FLOAT, row);
            out.setAtIndex(ValueLayout.JAVA_FLOAT, (long) depth * row + Objects.checkIndex(index, depth), 1);
        }
    }

    // ---- copies

    /** Writes a copy between places of one shape; the source may be strided, the target is dense. */
    void copy(Place from, Place to) {
        Copy copy = new Copy(from.shape(), from.strides());
        lowering.step(new Operation.Reshape(), with(List.of(from), to), workspace -> {
            MemorySegment source = workspace.storage(from), target = workspace.memory(to);
            return loop(workspace, copy.rows(), grain(copy.columns()),
                    (slot, first, end) -> copy.run(source, target, first, end));
        });
    }

    // ----

    private static Runnable loop(Workspace workspace, int count, int grain, WorkerPool.RangeTask task) {
        WorkerPool pool = workspace.pool();
        return () -> pool.forRanges(count, grain, task);
    }

    private static int grain(int dim) {
        return Math.max(1, RANGE / Math.max(1, dim));
    }

    private static List<Place> with(List<Place> places, Place... more) {
        List<Place> all = new ArrayList<>(places);
        for (Place place : more) if (place != null) all.add(place);
        return all;
    }
}
