package io.retort.model;

import io.retort.files.Progress;
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
 * One encoder at work: token ids in, the tensor its graph ends in out. Texts of a batch are padded to a common length;
 * padding is masked and changes nothing. Any thread.
 */
final class Tower implements AutoCloseable {
    /** What a tower's graph ends in. */
    private static final String OUTPUT = "output";
    /** Tokens of a batch: enough to fill every core, few enough for the caches and for memory. */
    private static final int BATCH_TOKENS = 2048;
    /** Padding is masked, and its embeddings are zeros: its id is never looked up. */
    private static final int PADDING = 0;

    private final EmbeddingTable embeddings;
    private final Pooling pooling;
    private final boolean pools;
    private final LengthBuckets buckets;
    private final Program program;

    private Tower(EmbeddingTable embeddings, Pooling pooling, boolean pools, LengthBuckets buckets, Program program) {
        this.embeddings = embeddings;
        this.pooling = pooling;
        this.buckets = buckets;
        this.pools = pools;
        this.program = program;
    }

    /** A tower whose output is the last hidden state, {@code [batch, time, dim]}. */
    static Tower hidden(ModelConfig config, String prefix, Map<String, Tensor> weights, Engine engine) {
        Graph graph = Graph.of(ElementType.F32);
        TransformerEncoder encoder = new TransformerEncoder(graph, config.encoder(), prefix);
        return compile(graph, encoder.hidden(), false, config, prefix, weights, engine);
    }

    /**
     * A tower whose output is one vector a text, {@code [batch, dim]}: pooled, scaled, and of length 1 where the
     * similarity asks for it.
     */
    static Tower pooled(ModelConfig config, String prefix, Map<String, Tensor> weights, Engine engine) {
        Graph graph = Graph.of(ElementType.F32);
        TransformerEncoder encoder = new TransformerEncoder(graph, config.encoder(), prefix);
        return compile(graph, PooledOutput.of(graph, config, encoder.hidden()), true, config, prefix, weights, engine);
    }

    /** A tower for contexts: pooled, or with the several vectors that the scoring form asks for. */
    static Tower ofContexts(ModelConfig config, Map<String, Tensor> weights, Engine engine) {
        String prefix = config.contextPrefix();
        Optional<ScoringForm.ContextVectors> several = config.form().contextVectors();
        if (several.isEmpty()) return pooled(config, prefix, weights, engine);
        Graph graph = Graph.of(ElementType.F32);
        TransformerEncoder encoder = new TransformerEncoder(graph, config.encoder(), prefix);
        Node vectors = several.get().of(graph, encoder.hidden(), encoder.mask(), config.encoder().dim());
        return compile(graph, vectors, false, config, prefix, weights, engine);
    }

    private static Tower compile(Graph graph, Node output, boolean pools, ModelConfig config, String prefix,
            Map<String, Tensor> weights, Engine engine) {
        Program program = engine.compile(graph, weights, List.of(output.named(OUTPUT).name()));
        LengthBuckets buckets = new LengthBuckets(BATCH_TOKENS, config.encoder().maxTokens());
        EmbeddingTable embeddings = new EmbeddingTable(config.encoder(), prefix, weights);
        return new Tower(embeddings, config.pooling(), pools, buckets, program);
    }

    /** Runs one batch. */
    Tensor run(TokenBatch batch) {
        Map<String, Tensor> inputs = pools
                ? EncoderInputs.pooled(batch, embeddings.gather(batch), pooling)
                : EncoderInputs.of(batch, embeddings.gather(batch));
        return program.run(inputs).get(OUTPUT);
    }

    /**
     * Runs any number of texts, in batches of like lengths.
     *
     * @return the output for each text, flattened, in the order of the texts
     */
    float[][] runAll(List<int[]> texts, Progress progress) {
        float[][] all = new float[texts.size()][];
        int done = 0;
        for (TokenBatch batch : buckets.plan(texts, PADDING)) {
            float[] output = run(batch).toFloats();
            int size = output.length / batch.batch();
            for (int row = 0; row < batch.batch(); row++) {
                all[batch.rows()[row]] = Arrays.copyOfRange(output, row * size, (row + 1) * size);
            }
            done += batch.batch();
            progress.update(done, texts.size());
        }
        return all;
    }

    @Override
    public void close() {
        program.close();
    }
}
