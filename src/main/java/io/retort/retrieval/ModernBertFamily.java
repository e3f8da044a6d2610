package io.retort.retrieval;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.RotaryPositions;
import io.retort.tensor.Tensor;
import io.retort.text.TextFormat;
import io.retort.text.TokenBatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * ModernBERT (Warner et al. 2024): positions turn queries and keys (RoPE), some layers see only tokens near by, norms
 * stand before each block, the feed-forward block is gated (GeGLU), and nothing has a bias.
 */
final class ModernBertFamily implements EncoderFamily {
    private static final Pattern UNUSED = Pattern.compile("head\\..*|decoder\\..*|classifier\\..*");
    private static final String LAYERS = "layers.";
    private static final String FULL = "full_attention";
    private static final String LOCAL = "sliding_attention";
    private static final String INNER = "mlp.Wi_inner";
    private static final String GATE = "mlp.Wi_gate";
    private static final double GLOBAL_BASE = 160_000;
    private static final double LOCAL_BASE = 10_000;

    /**
     * What a ModernBERT is beside its sizes.
     *
     * @param everywhere for each layer, whether it sees the whole text
     * @param window how far to either side the other layers see
     * @param globalBase the base of the rotation's frequencies in layers that see the whole text
     * @param localBase the same in the other layers
     */
    record ModernSettings(List<Boolean> everywhere, int window, double globalBase, double localBase)
            implements
                Settings {
        ModernSettings {
            everywhere = List.copyOf(everywhere);
            require(window >= 0, "local_attention is negative");
            require(globalBase >= 1 && localBase >= 1 && Double.isFinite(globalBase + localBase),
                    "a base of rotation is not a number from 1 on");
        }
    }

    private static ModernSettings settings(EncoderConfig config) {
        return (ModernSettings) config.settings();
    }

    @Override
    public List<String> modelTypes() {
        return List.of("modernbert");
    }

    @Override
    public EncoderConfig config(EncoderConfigJson file) {
        int layers = file.required("num_hidden_layers");
        ModernSettings settings = new ModernSettings(everywhere(file, layers), file.integer("local_attention", 128) / 2,
                base(file, FULL, "global_rope_theta", GLOBAL_BASE), base(file, LOCAL, "local_rope_theta", LOCAL_BASE));
        require(settings.everywhere.size() == layers, "layer_types has " + settings.everywhere.size()
                + " entries for " + layers + " layers");
        EncoderConfig config = new EncoderConfig(this, file.required("vocab_size"), file.required("hidden_size"),
                layers,
                file.required("num_attention_heads"), file.required("intermediate_size"),
                file.required("max_position_embeddings"), 0, 0, file.number("norm_eps", 1e-5),
                file.activation("hidden_activation"), settings);
        require(config.headDim() % 2 == 0, "heads of " + config.headDim() + " dimensions cannot be turned");
        return config;
    }

    /** Reads which layers see the whole text: from the list of new files, or as every n-th, from the first on. */
    private static List<Boolean> everywhere(EncoderConfigJson file, int layers) {
        int every = file.integer("global_attn_every_n_layers", 3);
        JsonNode types = file.node("layer_types");
        List<Boolean> everywhere = new ArrayList<>();
        if (!types.isMissingNode()) {
            for (JsonNode type : types) {
                if (!List.of(FULL, LOCAL).contains(type.asText()))
                    throw file.unsupported("layer_types", FULL + " or "
                            + LOCAL);
                everywhere.add(type.asText().equals(FULL));
            }
            return everywhere;
        }
        if (every < 1) throw new IllegalArgumentException("global_attn_every_n_layers " + every + " is not positive");
        for (int layer = 0; layer < Math.min(layers, EncoderConfig.MOST_LAYERS); layer++) {
            everywhere.add(layer % every == 0);
        }
        return everywhere;
    }

    private static double base(EncoderConfigJson file, String kind, String oldKey, double usual) {
        double before = file.number(oldKey, usual);
        JsonNode parameters = file.node("rope_parameters").path(kind);
        if (parameters.isMissingNode()) return before;
        EncoderConfigJson own = file.within("rope_parameters", parameters);
        own.requireOnly("rope_type", "default");
        return own.number("rope_theta", before);
    }

    @Override
    public SequencedMap<String, Object> json(EncoderConfig config) {
        ModernSettings own = settings(config);
        SequencedMap<String, Object> fields = new LinkedHashMap<>();
        fields.put("architectures", List.of("ModernBertModel"));
        fields.put("model_type", modelTypes().getFirst());
        fields.put("vocab_size", config.vocabulary());
        fields.put("hidden_size", config.dim());
        fields.put("num_hidden_layers", config.layers());
        fields.put("num_attention_heads", config.heads());
        fields.put("intermediate_size", config.feedForward());
        fields.put("hidden_activation", config.activation().hubName());
        fields.put("max_position_embeddings", config.positions());
        fields.put("norm_eps", config.normEpsilon());
        fields.put("local_attention", 2 * own.window);
        fields.put("layer_types", own.everywhere.stream().map(all -> all ? FULL : LOCAL).toList());
        // Versions of transformers before 5 read these two, later ones the object.
        fields.put("global_rope_theta", own.globalBase);
        fields.put("local_rope_theta", own.localBase);
        SequencedMap<String, Object> rotations = new LinkedHashMap<>();
        rotations.put(FULL, rotation(own.globalBase));
        rotations.put(LOCAL, rotation(own.localBase));
        fields.put("rope_parameters", rotations);
        every(own.everywhere).ifPresent(n -> fields.put("global_attn_every_n_layers", n));
        fields.put("pad_token_id", 0);
        return fields;
    }

    private static SequencedMap<String, Object> rotation(double base) {
        SequencedMap<String, Object> fields = new LinkedHashMap<>();
        fields.put("rope_type", "default");
        fields.put("rope_theta", base);
        return fields;
    }

    /** Returns the n for which every n-th layer, from the first on, and no other sees the whole text; empty if none is. */
    private static OptionalInt every(List<Boolean> everywhere) {
        return IntStream.rangeClosed(1, everywhere.size())
                .filter(n -> IntStream.range(0, everywhere.size())
                        .allMatch(layer -> everywhere.get(layer) == (layer % n == 0)))
                .findFirst();
    }

    private static void require(boolean condition, String problem) {
        if (!condition) throw new IllegalArgumentException(problem);
    }

    @Override
    public EncoderConfig.NormPlacement norms() {
        return EncoderConfig.NormPlacement.PRE;
    }

    @Override
    public Tables tables() {
        return new Tables("embeddings.tok_embeddings.weight", "", "");
    }

    /** What layers of one kind see, and how positions turn them; they differ in what they are fed. */
    private record Attending(Node seen, RotaryPositions positions) {
        static Attending declare(TransformerEncoder encoder, Node seen, String kind) {
            Graph graph = encoder.graph();
            int headDim = encoder.config().headDim();
            return new Attending(seen, new RotaryPositions(graph, graph.input(kind + ".cosine", Graph.ANY, headDim),
                    graph.input(kind + ".sine", Graph.ANY, headDim), headDim));
        }
    }

    @Override
    public Node hidden(TransformerEncoder encoder, Node embeddings) {
        Graph graph = encoder.graph();
        ModernSettings own = settings(encoder.config());
        Attending full = own.everywhere.contains(true) ? Attending.declare(encoder, encoder.mask(), FULL) : null;
        Attending local = own.everywhere.contains(false)
                ? Attending.declare(encoder, graph.input(LOCAL + ".mask", Graph.ANY, 1, Graph.ANY, Graph.ANY), LOCAL)
                : null;
        Node x = encoder.dropped("embeddings", encoder.normWithoutBias("embeddings.norm", embeddings));
        for (int layer = 0; layer < own.everywhere.size(); layer++) {
            String name = LAYERS + layer + ".";
            // The embeddings are normalised already, so that the first layer has no norm of its own.
            Node normed = layer == 0 ? x : encoder.normWithoutBias(name + "attn_norm", x);
            Node attended = graph.add(attention(encoder, name, normed, own.everywhere.get(layer) ? full : local), x);
            Node inner = encoder.normWithoutBias(name + "mlp_norm", attended);
            x = graph.add(feedForward(encoder, name, inner), attended);
        }
        return encoder.normWithoutBias("final_norm", x);
    }

    private static Node attention(TransformerEncoder encoder, String layer, Node x, Attending attending) {
        int dim = encoder.config().dim(), heads = encoder.config().heads();
        Node query = encoder.projection(layer + "attn.Wq", x, dim, dim);
        Node key = encoder.projection(layer + "attn.Wk", x, dim, dim);
        Node value = encoder.projection(layer + "attn.Wv", x, dim, dim);
        Node mixed = encoder.attention(attending.positions.apply(query, heads), attending.positions.apply(key, heads),
                value, attending.seen);
        return encoder.dropped(layer + "attention", encoder.projection(layer + "attn.Wo", mixed, dim, dim));
    }

    private static Node feedForward(TransformerEncoder encoder, String layer, Node x) {
        int dim = encoder.config().dim(), inner = encoder.config().feedForward();
        Node activated = encoder.activation(encoder.projection(layer + INNER, x, dim, inner));
        Node gated = encoder.graph().multiply(activated, encoder.projection(layer + GATE, x, dim, inner));
        return encoder.dropped(layer + "output", encoder.projection(layer + "mlp.Wo", gated, inner, dim));
    }

    @Override
    public void feed(EncoderConfig config, TokenBatch batch, Map<String, Tensor> inputs) {
        ModernSettings own = settings(config);
        if (own.everywhere.contains(true)) turn(FULL, own.globalBase, config.headDim(), batch, inputs);
        if (!own.everywhere.contains(false)) return;
        turn(LOCAL, own.localBase, config.headDim(), batch, inputs);
        inputs.put(LOCAL + ".mask", window(own.window, batch, inputs.get(EncoderInputs.MASK)));
    }

    /** Adds the cosines and sines of all rows, {@code [batch * time, headDim]}. */
    private static void turn(String kind, double base, int headDim, TokenBatch batch, Map<String, Tensor> inputs) {
        int half = headDim / 2, time = batch.time();
        float[] cosine = new float[Math.multiplyExact(batch.batch() * time, headDim)];
        float[] sine = new float[cosine.length], frequencies = new float[half];
        for (int j = 0; j < half; j++) frequencies[j] = (float) (1 / Math.pow(base, 2.0 * j / headDim));
        for (int t = 0; t < time; t++) {
            for (int j = 0; j < half; j++) {
                float angle = t * frequencies[j];
                int at = t * headDim + j;
                cosine[at] = cosine[at + half] = (float) Math.cos(angle);
                sine[at] = sine[at + half] = (float) Math.sin(angle);
            }
        }
        int text = time * headDim;
        for (int row = 1; row < batch.batch(); row++) {
            System.arraycopy(cosine, 0, cosine, row * text, text);
            System.arraycopy(sine, 0, sine, row * text, text);
        }
        inputs.put(kind + ".cosine", Tensor.of(cosine, batch.batch() * time, headDim));
        inputs.put(kind + ".sine", Tensor.of(sine, batch.batch() * time, headDim));
    }

    /**
     * Returns what layers see that look only so far: for texts that are shorter than that, all that the mask lets
     * through, in the shape for which attention is quickest.
     */
    private static Tensor window(int window, TokenBatch batch, Tensor mask) {
        int time = batch.time();
        if (time <= window + 1) return mask;
        float[] seen = new float[Math.multiplyExact(batch.batch() * time, time)];
        for (int text = 0; text < batch.batch(); text++) {
            for (int query = 0; query < time; query++) {
                for (int key = 0; key < time; key++) {
                    boolean hidden = key >= batch.lengths()[text] || Math.abs(key - query) > window;
                    if (hidden) seen[(text * time + query) * time + key] = TransformerEncoder.MASKED;
                }
            }
        }
        return Tensor.of(seen, batch.batch(), 1, time, time);
    }

    @Override
    public int feedForwardMatrices() {
        return 3;
    }

    @Override
    public List<Fused> fused() {
        return List.of(new Fused("attn.Wqkv", List.of("attn.Wq", "attn.Wk", "attn.Wv")),
                new Fused("mlp.Wi", List.of(INNER, GATE)));
    }

    @Override
    public List<String> holders() {
        return List.of("model.");
    }

    @Override
    public boolean isUnused(String name) {
        return UNUSED.matcher(name).matches();
    }

    @Override
    public TextFormat usualText() {
        return TextFormat.bert();
    }
}
