package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import io.retort.tensor.GgufNaming;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the families that descend from Llama have in common, with the parameter names of transformers: RMSNorm before each
 * block, rotary positions, queries in groups that share keys and values, a gated feed-forward block. A family overrides
 * what its models do otherwise, and keeps what they say of it in settings of its own.
 */
abstract class RotaryFamily implements DecoderFamily {
    static final String QUERY = "self_attn.q_proj";
    static final String KEY = "self_attn.k_proj";
    static final String VALUE = "self_attn.v_proj";
    static final String OUTPUT = "self_attn.o_proj";
    static final String GATE = "mlp.gate_proj";
    static final String UP = "mlp.up_proj";
    static final String DOWN = "mlp.down_proj";

    private static final Map<String, String> PARTS = Map.of("attn_norm", "input_layernorm", "attn_q", QUERY, "attn_k",
            KEY, "attn_v", VALUE, "attn_output", OUTPUT, "ffn_norm", "post_attention_layernorm", "ffn_gate", GATE,
            "ffn_up", UP, "ffn_down", DOWN);
    /** Parts whose rows llama.cpp's converter interleaves for models that it turns pair by neighbouring pair. */
    private static final Map<String, String> INTERLEAVED = Map.of("attn_q", "attention.head_count", "attn_k",
            "attention.head_count_kv");

    private final String name;
    private final String causalModel;
    private final GgufNaming naming;

    /**
     * @param name         the Hub's {@code model_type}
     * @param causalModel  the class of transformers
     * @param architecture as GGUF files call it
     * @param interleaved  whether llama.cpp turns neighbouring rows together
     * @param otherParts   parts of a layer, by llama.cpp's names, that Llama has not or that are called otherwise here
     */
    RotaryFamily(String name, String causalModel, String architecture, boolean interleaved,
            Map<String, String> otherParts) {
        this.name = name;
        this.causalModel = causalModel;
        Map<String, String> parts = new HashMap<>(PARTS);
        parts.putAll(otherParts);
        this.naming = new GgufNaming(architecture, "model.layers.",
                Map.of("token_embd", "model.embed_tokens", "output_norm", "model.norm", "output", "lm_head"), parts,
                Set.of(), interleaved ? INTERLEAVED : Map.of());
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final GgufNaming gguf() {
        return naming;
    }

    /** Reads what only this family has from a GGUF file. */
    abstract Settings settings(DecoderConfigGguf file, RotaryScaling scaling);

    /** Reads what only this family has from {@code config.json}. */
    abstract Settings settings(DecoderConfigJson file, DecoderConfigJson.Rope rope);

    /** Adds the fields of {@code config.json} that {@link #settings(DecoderConfigJson, DecoderConfigJson.Rope)} reads. */
    abstract void describe(DecoderConfig config, Map<String, Object> json);

    /** What models of every such family may have beside the usual sizes. */
    interface Traits extends Settings {
        /** Returns how a model's rotation is slowed down. */
        RotaryScaling scaling();

        /** Returns which layers see only the newest tokens; by default none. */
        default SlidingWindow window() {
            return SlidingWindow.NONE;
        }
    }

    private static RotaryScaling scaling(DecoderConfig config) {
        return config.own() instanceof Traits traits ? traits.scaling() : RotaryScaling.NONE;
    }

    @Override
    public final int window(DecoderConfig config, int layer) {
        return config.own() instanceof Traits traits ? traits.window().of(layer) : 0;
    }

    /** Returns whether transformers ties embeddings where {@code config.json} does not say. */
    boolean tiedIfUnsaid() {
        return false;
    }

    /** Returns the key under which {@code config.json} names the activation. */
    String activationKey() {
        return "hidden_act";
    }

    /** Returns the one activation that the family's feed-forward block has. */
    String activation() {
        return "silu";
    }

    /** Returns whether a model may turn a part of a head's dimensions alone. */
    boolean turnsInPart() {
        return false;
    }

    /** Returns the base of rotary positions where a file does not say. */
    double thetaIfUnsaid() {
        return 10_000;
    }

    /** Returns what normalisation adds to the mean square where {@code config.json} does not say. */
    double epsilonIfUnsaid() {
        return 1e-6;
    }

    /** Returns the lengths that the scaling of rotation in {@code config.json} depends on. */
    DecoderConfigJson.Lengths lengths(int longest) {
        return DecoderConfigJson.Lengths.upTo(longest);
    }

    /** Returns the size of a head where {@code config.json} does not say. */
    int headDimIfUnsaid(int dim, int heads) {
        return dim / heads;
    }

    @Override
    public final DecoderConfig config(DecoderConfigGguf file) {
        int dim = file.required("embedding_length"), heads = file.positive("attention.head_count");
        int headDim = file.integer("attention.key_length", dim / heads);
        file.requireValuesLikeKeys(headDim);
        int turned = file.turned(headDim);
        if (turned != headDim && !turnsInPart()) {
            throw file.unsupported("rope.dimension_count", turned + " of " + headDim);
        }
        int longest = file.required("context_length");
        RotaryScaling scaling = file.scaling(longest);
        return new DecoderConfig(this, file.vocabulary(this), dim, file.layers(), heads,
                file.integer("attention.head_count_kv", heads), headDim, file.required("feed_forward_length"),
                positions(longest, scaling), file.real("attention.layer_norm_rms_epsilon"),
                file.real("rope.freq_base", thetaIfUnsaid()), !file.has(head()), settings(file, scaling));
    }

    @Override
    public final DecoderConfig config(DecoderConfigJson file) {
        file.expect(activationKey(), file.string(activationKey(), activation()), activation());
        int dim = file.required("hidden_size"), heads = file.positive("num_attention_heads");
        int positions = file.required("max_position_embeddings");
        int headDim = file.integer("head_dim", headDimIfUnsaid(dim, heads));
        DecoderConfigJson.Rope rope = file.rope(thetaIfUnsaid(), lengths(positions));
        if (rope.turned(headDim) != headDim && !turnsInPart()) {
            throw file.unsupported("partial_rotary_factor", String.valueOf(rope.turned()));
        }
        return new DecoderConfig(this, file.required("vocab_size"), dim, file.layers(), heads,
                file.integer("num_key_value_heads", heads), headDim, file.required("intermediate_size"),
                positions(positions, rope.scaling()), file.number("rms_norm_eps", epsilonIfUnsaid()), rope.theta(),
                file.flag("tie_word_embeddings", tiedIfUnsaid()), settings(file, rope));
    }

    private static int positions(int positions, RotaryScaling scaling) {
        return Math.min(positions, scaling.longest().orElse(positions));
    }

    @Override
    public final Map<String, Object> json(DecoderConfig config) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("architectures", List.of(causalModel));
        json.put("model_type", name);
        json.put("hidden_size", config.dim());
        json.put("num_hidden_layers", config.layers());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.keyValueHeads());
        json.put("head_dim", config.headDim());
        json.put("intermediate_size", config.feedForward());
        json.put("max_position_embeddings", config.positions());
        json.put("rms_norm_eps", config.normEpsilon());
        json.put("rope_theta", config.ropeTheta());
        json.put(activationKey(), activation());
        Map<String, Object> scaling = scaling(config).json();
        if (!scaling.isEmpty()) json.put("rope_scaling", scaling);
        describe(config, json);
        return json;
    }

    @Override
    public void check(DecoderConfig config) {
        DecoderConfig.require(config.headDim() % 2 == 0,
                "rotary positions need heads of even size, not " + config.headDim());
        DecoderConfig.require(config.ropeTheta() > 1 && config.ropeTheta() < 1e12,
                "a rotary base of " + config.ropeTheta() + " is none");
        for (Rotation rotation : rotations(config)) {
            DecoderConfig.require(rotation.dims() % 2 == 0 && rotation.dims() > 0
                    && rotation.dims() <= config.headDim(),
                    rotation.dims() + " of " + config.headDim() + " dimensions of a head cannot be turned");
            for (int j = 0; j < rotation.dims() / 2; j++) {
                float frequency = rotation.frequency(j) * rotation.amplitude();
                DecoderConfig.require(frequency > 0 && frequency < Float.POSITIVE_INFINITY,
                        "pair " + j + " of a head turns by " + rotation.frequency(j) + ", times "
                                + rotation.amplitude() + ": the scaling of rotation is wrong");
            }
        }
    }

    @Override
    public final String tokens() {
        return "model.embed_tokens.weight";
    }

    /** Returns how many dimensions of a head are turned. */
    int turned(DecoderConfig config) {
        return config.headDim();
    }

    @Override
    public List<Rotation> rotations(DecoderConfig config) {
        return List.of(scaling(config).of(config.ropeTheta(), turned(config)));
    }

    /** Returns whether a projection, by its name within a layer, has a bias. */
    boolean hasBias(DecoderConfig config, String projection) {
        return false;
    }

    /** Returns whether queries and keys are normalised head by head before they are turned. */
    boolean normsHeads() {
        return false;
    }

    /** Returns whether a layer turns its queries and keys at all. */
    boolean turns(DecoderConfig config, int layer) {
        return true;
    }

    /** Returns which of the rotations a layer has. */
    int rotation(DecoderConfig config, int layer) {
        return 0;
    }

    /** Returns the factor of attention's logits. */
    double attentionScale(DecoderConfig config) {
        return 1 / Math.sqrt(config.headDim());
    }

    /** Returns the bound of attention's logits; 0 for none. */
    double attentionCap(DecoderConfig config) {
        return 0;
    }

    /** Returns the factor of what a block adds to its input. */
    double residualScale(DecoderConfig config) {
        return 1;
    }

    /** Applies the activation of the feed-forward block. */
    Node activated(Graph graph, Node x) {
        return Layers.silu(graph, x);
    }

    /** Writes a pre-norm layer: {@code x + attention(norm(x))}, then {@code x + feedForward(norm(x))}. */
    @Override
    public Node layer(DecoderLayer layer, Node x) {
        String name = name(layer);
        Node attended = added(layer, attention(layer, norm(layer, name + "input_layernorm", x)), x);
        return added(layer, feedForward(layer, norm(layer, name + "post_attention_layernorm", attended)), attended);
    }

    /** Returns what stands before the names of a layer's parameters. */
    static String name(DecoderLayer layer) {
        return "model.layers." + layer.index() + ".";
    }

    private Node added(DecoderLayer layer, Node change, Node x) {
        double scale = residualScale(layer.config());
        return layer.graph().add(scale == 1 ? change : layer.graph().multiply(change, scale), x);
    }

    static Node norm(DecoderLayer layer, String name, Node x) {
        return Layers.rmsNorm(layer.graph(), name, x, layer.config().dim(), layer.config().normEpsilon());
    }

    /** Writes attention over {@code x}, {@code [rows, dim]}, with the projections before and after it. */
    final Node attention(DecoderLayer layer, Node x) {
        DecoderConfig config = layer.config();
        int dim = config.dim(), queries = config.heads() * config.headDim(), keys = config.keyValueDim();
        Node query = positioned(layer, "q_norm", projected(layer, QUERY, x, dim, queries), config.heads());
        Node key = positioned(layer, "k_norm", projected(layer, KEY, x, dim, keys), config.keyValueHeads());
        Node value = projected(layer, VALUE, x, dim, keys);
        Node mixed = layer.attention(query, key, value, attentionScale(config), attentionCap(config));
        return projected(layer, OUTPUT, mixed, queries, dim);
    }

    private Node positioned(DecoderLayer layer, String norm, Node x, int heads) {
        DecoderConfig config = layer.config();
        Node each = x;
        if (normsHeads()) {
            int headDim = config.headDim();
            Node rows = layer.graph().reshape(x, Graph.ANY, headDim);
            each = layer.graph().reshape(Layers.rmsNorm(layer.graph(), name(layer) + "self_attn." + norm, rows, headDim,
                    config.normEpsilon()), Graph.ANY, heads * headDim);
        }
        return turns(config, layer.index()) ? layer.rotated(each, heads, rotation(config, layer.index())) : each;
    }

    /** Writes the feed-forward block, a gated linear unit (Shazeer 2020). */
    final Node feedForward(DecoderLayer layer, Node x) {
        int dim = layer.config().dim(), inner = layer.config().feedForward();
        Node gate = activated(layer.graph(), projected(layer, GATE, x, dim, inner));
        Node up = projected(layer, UP, x, dim, inner);
        return projected(layer, DOWN, layer.graph().multiply(gate, up), inner, dim);
    }

    private Node projected(DecoderLayer layer, String part, Node x, int in, int out) {
        return hasBias(layer.config(), part)
                ? layer.linear(name(layer) + part, x, in, out)
                : layer.projection(name(layer) + part, x, in, out);
    }

    @Override
    public final Node finalNorm(Graph graph, DecoderConfig config, Node x) {
        return Layers.rmsNorm(graph, "model.norm", x, config.dim(), config.normEpsilon());
    }

    @Override
    public final int feedForwardMatrices() {
        return 3;
    }

    /**
     * Recognises the frequencies of rotation, which older checkpoints carry as a tensor, and the factors of rotation,
     * which GGUF files do and which the configuration holds.
     */
    @Override
    public final boolean isUnused(String name) {
        return name.endsWith(".rotary_emb.inv_freq") || name.equals("rope_freqs.weight")
                || name.equals("rope_factors_short.weight") || name.equals("rope_factors_long.weight");
    }

    @Override
    public final String toString() {
        return name;
    }
}
