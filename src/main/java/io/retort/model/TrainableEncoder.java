package io.retort.model;

import io.retort.graph.Engine;
import io.retort.graph.GradientProgram;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.ParameterLayout;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import io.retort.text.TokenBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * An encoder in training: token ids in, loss and the gradients of every weight out, those of the embedding tables
 * included. A step is one {@link #pass} and an optimiser's work on each of {@link #buffers()}. One thread at a time.
 */
public final class TrainableEncoder implements AutoCloseable {
    private static final String LOSS = "loss";
    private static final String VECTORS = "vectors";

    private final Arena arena = Arena.ofShared();
    private final Pooling pooling;
    private final TrainableEmbeddings embeddings;
    private final GradientProgram program;

    /**
     * @param prefix of the encoder's parameters
     * @param weights of the model, which are copied; those that the objective declares among them
     */
    TrainableEncoder(ModelConfig config, String prefix, Map<String, Tensor> weights, Engine engine,
            Objective objective) {
        this.pooling = config.pooling();
        this.embeddings = new TrainableEmbeddings(config.encoder(), prefix, weights, arena);
        Graph graph = Graph.of(ElementType.F32);
        TransformerEncoder encoder = new TransformerEncoder(graph, config.encoder(), prefix);
        Node vectors = PooledOutput.of(graph, config, encoder.hidden()).named(VECTORS);
        Node loss = objective.loss(graph, vectors).named(LOSS);
        this.program = engine.differentiate(graph, weights, loss, List.of(VECTORS), List.of(EncoderInputs.EMBEDDINGS));
    }

    /**
     * What a pass computed beside the gradients.
     *
     * @param vectors of the batch's texts, {@code [texts, dim]}
     */
    public record Pass(double loss, Tensor vectors) {
    }

    /**
     * Forward and backward for one batch. Afterwards the gradients of {@link #buffers()} are those of this batch alone.
     *
     * @param fed a value for each input that the objective declares
     */
    public Pass pass(TokenBatch batch, Map<String, Tensor> fed) {
        Map<String, Tensor> inputs = EncoderInputs.pooled(batch, embeddings.gather(batch), pooling);
        inputs.putAll(fed);
        GradientProgram.Result result = program.run(inputs);
        embeddings.scatter(batch, result.inputGradients().get(EncoderInputs.EMBEDDINGS));
        return new Pass(result.scalar(LOSS), result.outputs().get(VECTORS));
    }

    /** Everything that is trained: the embedding tables, then the encoder. They live until {@link #close()}. */
    public List<TrainableBuffer> buffers() {
        return List.of(embeddings.buffer(),
                new TrainableBuffer(program.layout(), program.parameters(), program.gradients()));
    }

    /** A copy of the present weights by name, as a model folder holds them. */
    public SequencedMap<String, Tensor> weights() {
        SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
        for (TrainableBuffer buffer : buffers()) {
            for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                float[] values = buffer.layout().slice(buffer.values(), entry).toArray(ValueLayout.JAVA_FLOAT);
                weights.put(entry.name(), new Tensor(ElementType.F32, entry.shape(), MemorySegment.ofArray(values)));
            }
        }
        return weights;
    }

    @Override
    public void close() {
        program.close();
        if (arena.scope().isAlive()) arena.close();
    }
}
