package io.retort.retrieval;

import io.retort.files.Progress;
import io.retort.graph.CloseOnFailure;
import io.retort.graph.Engine;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.Program;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import io.retort.text.LengthBuckets;
import io.retort.text.TokenBatch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One encoder at work: takes token ids and returns the tensor in which its graph ends. Texts of a batch are padded to a
 * common length; padding is masked and changes nothing. Safe to use from any thread.
 */
final class Tower implements AutoCloseable {
    /** The name of the node in which a tower's graph ends. */
    private static final String OUTPUT = "output";
    /** The most tokens of a batch: enough to fill every core, few enough for the caches and for memory. */
    private static final int BATCH_TOKENS = 2048;
    /** The id that stands for padding. It is never looked up, since padding is masked and its embeddings are zeros. */
    private static final int PADDING = 0;

    /** Where the outputs for the tokens of a text are pooled into one vector, if they are. */
    private enum Pools {
        NOWHERE, IN_THE_GRAPH, BETWEEN_TWO_GRAPHS
    }

    private final EncoderConfig encoder;
    private final EmbeddingTable embeddings;
    private final List<Pooling> poolings;
    private final Pools pools;
    private final LengthBuckets buckets;
    private final Program program;
    private final Program afterPooling; // null unless pooling stands between two graphs

    private Tower(ModelConfig config, EmbeddingTable embeddings, Pools pools, Program program, Program afterPooling) {
        this.encoder = config.encoder();
        this.embeddings = embeddings;
        this.poolings = config.head().poolings();
        this.buckets = new LengthBuckets(BATCH_TOKENS, config.encoder().maxTokens());
        this.pools = pools;
        this.program = program;
        this.afterPooling = afterPooling;
    }

    /** Makes a tower whose output is the last hidden state, {@code [batch, time, dim]}. */
    static Tower hidden(ModelConfig config, String prefix, Map<String, Tensor> weights, Engine engine) {
        Graph graph = Graph.of(ElementType.F32);
        TransformerEncoder encoder = new TransformerEncoder(graph, config.encoder(), prefix);
        return compile(graph, encoder.hidden(), Pools.NOWHERE, config, prefix, weights, engine);
    }

    /**
     * Makes a tower whose output is one vector a text, {@code [batch, dim]}, as the model publishes it: pooled, through
     * the layers after that, scaled, and of length 1 where the model says so.
     */
    static Tower pooled(ModelConfig config, String prefix, Map<String, Tensor> weights, Engine engine) {
        Graph graph = Graph.of(ElementType.F32);
        TransformerEncoder encoder = new TransformerEncoder(graph, config.encoder(), prefix);
        if (config.head().isTrainable()) {
            return compile(graph, PooledOutput.published(graph, config, prefix, encoder.hidden()), Pools.IN_THE_GRAPH,
                    config, prefix, weights, engine);
        }
        // A maximum is none of the operations that graphs have.
        return compile(graph, encoder.hidden(), Pools.BETWEEN_TWO_GRAPHS, config, prefix, weights, engine);
    }

    /**
     * Makes a tower for contexts, whose output is pooled or has the several vectors that the scoring form asks for.
     */
    static Tower ofContexts(ModelConfig config, Map<String, Tensor> weights, Engine engine) {
        String prefix = config.contextPrefix();
        Optional<ScoringForm.ContextVectors> several = config.form().contextVectors();
        if (several.isEmpty()) return pooled(config, prefix, weights, engine);
        Graph graph = Graph.of(ElementType.F32);
        TransformerEncoder encoder = new TransformerEncoder(graph, config.encoder(), prefix);
        Node vectors = several.get().of(graph, encoder.hidden(), encoder.mask(), config.encoder().dim());
        return compile(graph, vectors, Pools.NOWHERE, config, prefix, weights, engine);
    }

    private static Tower compile(Graph graph, Node output, Pools pools, ModelConfig config, String prefix,
            Map<String, Tensor> weights, Engine engine) {
        EmbeddingTable embeddings = new EmbeddingTable(config.encoder(), prefix, weights);
        try (CloseOnFailure made = new CloseOnFailure()) {
            Program program = made.with(engine.compile(graph, weights, List.of(output.named(OUTPUT).name())),
                    Program::close);
            Program afterPooling = null;
            if (pools == Pools.BETWEEN_TWO_GRAPHS) {
                Graph after = Graph.of(ElementType.F32);
                Node vectors = PooledOutput.afterPooling(after, config, prefix);
                afterPooling = made.with(engine.compile(after, weights, List.of(vectors.named(OUTPUT).name())),
                        Program::close);
            }
            Tower tower = new Tower(config, embeddings, pools, program, afterPooling);
            made.finish();
            return tower;
        }
    }

    /** Encodes a text for nothing but that the JVM compiles what later texts are encoded with. */
    void rehearse(int[] text) {
        buckets.plan(List.of(text), PADDING).forEach(batch -> program.rehearse(inputs(batch)));
    }

    /** Ends rehearsing. */
    void rehearsed() {
        program.rehearsed();
        if (afterPooling != null) afterPooling.rehearsed();
    }

    private Map<String, Tensor> inputs(TokenBatch batch) {
        return pools == Pools.IN_THE_GRAPH
                ? EncoderInputs.pooled(encoder, batch, embeddings.gather(batch), poolings)
                : EncoderInputs.of(encoder, batch, embeddings.gather(batch));
    }

    /** Computes the output of one batch. */
    Tensor run(TokenBatch batch) {
        Tensor output = program.run(inputs(batch)).get(OUTPUT);
        if (afterPooling == null) return output;
        return afterPooling.run(Map.of(PooledOutput.POOLED, Pooling.pool(poolings, batch, output))).get(OUTPUT);
    }

    /**
     * Runs any number of texts, in batches of like lengths.
     *
     * @param progress counts texts, of which a long one counts for more, as it takes longer
     * @return the output for each text, flattened, in the order of the texts
     */
    float[][] runAll(List<int[]> texts, Progress progress) {
        float[][] all = new float[texts.size()][];
        List<TokenBatch> batches = buckets.plan(texts, PADDING);
        long whole = batches.stream().mapToLong(Tower::tokens).sum(), done = 0;
        for (TokenBatch batch : batches) {
            float[] output = run(batch).toFloats();
            int size = output.length / batch.batch();
            for (int row = 0; row < batch.batch(); row++) {
                all[batch.rows()[row]] = Arrays.copyOfRange(output, row * size, (row + 1) * size);
            }
            done += tokens(batch);
            progress.update(texts.size() * done / whole, texts.size());
        }
        return all;
    }

    private static long tokens(TokenBatch batch) {
        return (long) batch.batch() * batch.time();
    }

    @Override
    public void close() {
        program.close();
        if (afterPooling != null) afterPooling.close();
    }
}
