package io.retort.lm;

import io.retort.graph.CloseOnFailure;
import io.retort.graph.Engine;
import io.retort.graph.Graph;
import io.retort.graph.Program;
import io.retort.tensor.ElementType;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A decoder, and the encoder of a model that has one, whose layers and head are programs of an engine. Embeddings are looked up in the head's program: those of a
 * tied model are the head's own matrix, which is in memory once. Counts of rows are rounded up ({@link #bucket}), so that
 * few plans are compiled; what is added sees nothing and is not looked at.
 */
final class CachedDecoder implements LanguageModel {
    /** How many rows at a time get probabilities over the whole vocabulary, which bounds the memory for logits. */
    private static final int SCORED_ROWS = 64;

    private final DecoderConfig config;
    private final float[] positions; // [positions, dim], null where they are rotary
    private final float[] sourcePositions; // null where there is no source
    private final Program reader; // null where there is no source
    private final List<DecoderInputs.Turns> turns;
    private final Program trunk;
    private final Program head;

    /**
     * Compiles the layers and the head for an engine.
     *
     * @param weights the weights, by the names of Retort's graphs; copied
     */
    CachedDecoder(DecoderConfig config, Map<String, ? extends ParameterValue> weights, Engine engine) {
        this(config, weights, engine, null);
    }

    /**
     * Compiles the layers, with adapters of their own, and the head for an engine.
     *
     * @param weights  the weights and the adapters, by the names of Retort's graphs; copied
     * @param adapters of every layer; null for none
     */
    CachedDecoder(DecoderConfig config, Map<String, ? extends ParameterValue> weights, Engine engine,
            LowRank adapters) {
        this.config = config;
        this.positions = config.family().positions().map(name -> weights.get(name).plain().toFloats()).orElse(null);
        Optional<SourceReader> source = config.family().source();
        this.sourcePositions = source.map(each -> weights.get(each.sourcePositions()).plain().toFloats()).orElse(null);
        this.turns = DecoderInputs.turns(config);
        Graph graph = Graph.of(ElementType.F32);
        TransformerDecoder decoder = new TransformerDecoder(graph, config, true, adapters);
        decoder.hidden();
        Graph headGraph = Graph.of(ElementType.F32);
        DecoderHead.logProbabilities(headGraph, config);
        DecoderHead.withEmbeddings(headGraph, config);
        try (CloseOnFailure made = new CloseOnFailure()) {
            this.reader = source.isPresent() ? made.with(reader(weights, engine), Program::close) : null;
            this.trunk = made.with(engine.compile(graph, weights, decoder.outputs()), Program::close);
            this.head = engine.compile(headGraph, weights, List.of(DecoderHead.LOGITS, DecoderHead.LOG_PROBABILITIES));
            made.finish();
        }
    }

    private Program reader(Map<String, ? extends ParameterValue> weights, Engine engine) {
        Graph graph = Graph.of(ElementType.F32);
        return engine.compile(graph, weights, new SourceGraph(graph, config).outputs());
    }

    DecoderConfig config() {
        return config;
    }

    /** Returns the rotations of the model's positions. */
    List<DecoderInputs.Turns> turns() {
        return turns;
    }

    @Override
    public int vocabularySize() {
        return config.vocabulary();
    }

    @Override
    public int contextLength() {
        return config.positions();
    }

    /** An encoder–decoder's prompt has room of its own; a decoder shares what it has. */
    @Override
    public int longestPrompt(int following) {
        if (reader == null) return LanguageModel.super.longestPrompt(following);
        return following <= longestReply(1) ? contextLength() : 0;
    }

    @Override
    public int longestReply(int prompt) {
        if (reader == null) return LanguageModel.super.longestReply(prompt);
        return prompt <= contextLength() ? contextLength() - 1 : 0; // the token that the decoder starts with is one
    }

    @Override
    public Optional<ReplyFrame> frame() {
        return config.family().source().map(source -> source.frame(config));
    }

    @Override
    public KeyValueCache cache() {
        return new DecoderCache(this);
    }

    /**
     * Rounds a count of rows up to one of few sizes: exactly up to 8, then in steps of an eighth, so that at most that
     * share is computed in vain.
     */
    static int bucket(int rows) {
        int step = Math.max(1, Integer.highestOneBit(Math.max(1, rows - 1)) / 8);
        return Math.ceilDiv(rows, step) * step;
    }

    /** Runs the layers and returns the results that {@link TransformerDecoder#outputs} names. */
    Map<String, Tensor> run(Map<String, Tensor> inputs) {
        return trunk.run(inputs);
    }

    /** Runs the encoder and returns the results that {@link SourceGraph#names} names. */
    Map<String, Tensor> runSource(Map<String, Tensor> inputs) {
        return reader.run(inputs);
    }

    /**
     * Writes a token's embedding, and its learned position if the model has such, to a row of the inputs.
     *
     * @throws IndexOutOfBoundsException if the vocabulary has no such token
     */
    void embed(int token, int position, DecoderInputs inputs, int row) {
        int at = row * config.dim();
        embed(token, config.family().embeddingScale(config), inputs.embeddings(), at);
        if (positions != null) addPosition(positions, position, inputs.learnedPositions(), at);
    }

    /** Writes the embedding of a source's token with its position to {@code to} from {@code at} on. */
    void embedSource(int token, int position, float[] to, int at) {
        embed(token, config.family().source().orElseThrow().sourceScale(config), to, at);
        addPosition(sourcePositions, position, to, at);
    }

    private void embed(int token, float scale, float[] to, int at) {
        head.row(config.family().tokens(), token, to, at);
        if (scale != 1) for (int j = at; j < at + config.dim(); j++) to[j] *= scale;
    }

    private void addPosition(float[] table, int position, float[] to, int at) {
        int from = (position + config.family().positionOffset()) * config.dim();
        for (int j = 0; j < config.dim(); j++) to[at + j] += table[from + j];
    }

    /** Returns the logits of the token that follows each of these hidden states, {@code [n][vocabulary]}. */
    float[][] logits(List<float[]> hidden) {
        Map<String, Tensor> inputs = Map.of(DecoderHead.HIDDEN, rows(hidden, bucket(hidden.size())));
        Tensor all = head.run(inputs, List.of(DecoderHead.LOGITS)).get(DecoderHead.LOGITS);
        if (hidden.size() == 1) return new float[][]{all.toFloats()};
        float[][] logits = new float[hidden.size()][config.vocabulary()];
        long bytes = (long) Float.BYTES * config.vocabulary();
        for (int i = 0; i < logits.length; i++) {
            MemorySegment.ofArray(logits[i]).copyFrom(all.data().asSlice(i * bytes, bytes));
        }
        return logits;
    }

    /** Returns {@code log P(target)}, in nats, of the target that follows each of these hidden states. */
    float[] logProbabilities(List<float[]> hidden, List<Integer> targets) {
        float[] result = new float[hidden.size()];
        for (int from = 0; from < result.length; from += SCORED_ROWS) {
            int to = Math.min(result.length, from + SCORED_ROWS), rows = bucket(to - from);
            float[] wanted = new float[rows];
            for (int i = from; i < to; i++) wanted[i - from] = targets.get(i);
            Map<String, Tensor> inputs = Map.of(DecoderHead.HIDDEN, rows(hidden.subList(from, to), rows),
                    DecoderHead.TARGETS, Tensor.of(wanted, rows));
            float[] values = head.run(inputs, List.of(DecoderHead.LOG_PROBABILITIES))
                    .get(DecoderHead.LOG_PROBABILITIES).toFloats();
            System.arraycopy(values, 0, result, from, to - from);
        }
        return result;
    }

    private Tensor rows(List<float[]> vectors, int count) {
        float[] rows = new float[count * config.dim()];
        for (int i = 0; i < vectors.size(); i++) {
            System.arraycopy(vectors.get(i), 0, rows, i * config.dim(), config.dim());
        }
        return Tensor.of(rows, count, config.dim());
    }

    @Override
    public void close() {
        if (reader != null) reader.close();
        trunk.close();
        head.close();
    }
}
