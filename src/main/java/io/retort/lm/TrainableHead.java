package io.retort.lm;

import io.retort.graph.CloseOnFailure;
import io.retort.graph.Engine;
import io.retort.graph.GradientProgram;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.TrainableBuffer;
import io.retort.simd.FlatSum;
import io.retort.tensor.ElementType;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A decoder's head in training: {@code −Σ w log P(target)} of hidden states, and its gradients, some rows at a time, so
 * that the matrix of all rows and the whole vocabulary is never in memory. One thread at a time.
 */
final class TrainableHead implements AutoCloseable {
    private static final String WEIGHTS = "weights";
    private static final String LOSS = "loss";
    /** Rows at a time: enough that the product does not wait for the vocabulary's matrix, some 100 MB of logits. */
    private static final int ROWS = 512;

    private final int dim;
    private final GradientProgram program;
    private final boolean trained;
    private final Arena arena = Arena.ofShared();
    private MemorySegment sums; // of the gradients of parts, if there were several

    /**
     * Compiles the head for an engine.
     *
     * @param trained whether its matrix has a gradient as well as the hidden states
     */
    TrainableHead(DecoderConfig config, Map<String, ? extends ParameterValue> weights, Engine engine, boolean trained) {
        this.dim = config.dim();
        this.trained = trained;
        Graph graph = Graph.of(ElementType.F32);
        Node logs = DecoderHead.logProbabilities(graph, config);
        Node sum = graph.sum(graph.multiply(logs, graph.input(WEIGHTS, Graph.ANY)), 0, false);
        Node loss = graph.multiply(sum, -1).named(LOSS);
        graph.trainOnly(any -> trained);
        if (!trained) DecoderHead.withEmbeddings(graph, config);
        try (CloseOnFailure made = new CloseOnFailure()) {
            made.with(arena, Arena::close);
            this.program = engine.differentiate(graph, weights, loss, List.of(), List.of(DecoderHead.HIDDEN));
            made.finish();
        }
    }

    /** Looks up a token's embedding, where embeddings are not trained. */
    void embed(String tokens, int token, float[] to, int at) {
        program.row(tokens, token, to, at);
    }

    TrainableBuffer buffer() {
        return new TrainableBuffer(program.layout(), program.parameters(), program.gradients());
    }

    /**
     * Computes the loss and the gradients of these rows; afterwards the buffer's gradients are those of this call
     * alone.
     *
     * @param hidden   {@code [rows, dim]}
     * @param targets  {@code [rows]}
     * @param weight   factor of each row in the loss
     * @param gradient {@code [rows, dim]}, receives that of hidden
     */
    double pass(float[] hidden, float[] targets, float weight, float[] gradient) {
        int rows = targets.length, parts = Math.ceilDiv(rows, ROWS), size = Math.ceilDiv(rows, Math.max(1, parts));
        double loss = 0;
        for (int from = 0; from < rows; from += size) {
            int to = Math.min(rows, from + size);
            GradientProgram.Result result = program.run(inputs(hidden, targets, weight, from, to));
            loss += result.scalar(LOSS);
            float[] part = result.inputGradients().get(DecoderHead.HIDDEN).toFloats();
            System.arraycopy(part, 0, gradient, from * dim, part.length);
            if (parts > 1 && trained) addUp(from == 0, to == rows);
        }
        return loss;
    }

    private Map<String, Tensor> inputs(float[] hidden, float[] targets, float weight, int from, int to) {
        float[] rows = Arrays.copyOfRange(hidden, from * dim, to * dim);
        float[] wanted = Arrays.copyOfRange(targets, from, to);
        float[] factors = new float[to - from];
        Arrays.fill(factors, weight);
        return Map.of(DecoderHead.HIDDEN, Tensor.of(rows, to - from, dim), DecoderHead.TARGETS,
                Tensor.of(wanted, to - from), WEIGHTS, Tensor.of(factors, to - from));
    }

    /** Adds up the gradients of several parts, since the program overwrites its gradients at each run. */
    private void addUp(boolean first, boolean last) {
        MemorySegment gradients = program.gradients();
        if (sums == null) sums = arena.allocate(gradients.byteSize(), 64);
        if (first) {
            sums.copyFrom(gradients);
        } else if (last) {
            FlatSum.add(gradients, sums, 1);
        } else {
            FlatSum.add(sums, gradients, 1);
        }
    }

    @Override
    public void close() {
        program.close();
        if (arena.scope().isAlive()) arena.close();
    }
}
