package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import io.retort.tensor.GgufNaming;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A family that nobody has published, sewn together of what Llama's neighbours do otherwise: fused projections with
 * biases (Qwen 2, Phi 3), norms of each head's queries and keys (Qwen 3), soft caps and norms after the blocks (Gemma 2),
 * scalars (Granite), layers that see a window or do not rotate (Gemma 3, SmolLM 3), heads that turn in part and by other
 * frequencies (Phi, Llama 3.1). It shows what a family can be without anybody else knowing of it.
 */
final class PatchworkFamily implements DecoderFamily {
    static final PatchworkFamily PATCHWORK = new PatchworkFamily();

    /**
     * What its models have beside the usual sizes.
     *
     * @param window    tokens that layers of odd number see
     * @param turned    dimensions of a head that rotate
     * @param slower    how many times slower layers of even number turn
     * @param softCap   of attention's logits and of the vocabulary's
     * @param residual  factor of what a block adds
     * @param attention factor of attention's logits
     * @param output    divisor of the vocabulary's logits
     */
    record Patches(int window, int turned, double slower, double softCap, double residual, double attention,
            double output) implements Settings {
    }

    /** A rotation as long contexts have it: slower, and amplified. */
    private record Stretched(Rotation.Plain plain, double slower) implements Rotation {
        @Override
        public int dims() {
            return plain.dims();
        }

        @Override
        public float frequency(int j) {
            return plain.frequency(j) / (float) slower;
        }

        @Override
        public float amplitude() {
            return 1.25f;
        }
    }

    private static final GgufNaming NAMING = new GgufNaming("patchwork", "model.layers.",
            Map.of("token_embd", "model.embed_tokens", "output_norm", "model.norm"),
            Map.of("attn_qkv", "self_attn.qkv_proj", "attn_q_norm", "self_attn.q_norm", "attn_k_norm",
                    "self_attn.k_norm", "attn_output", "self_attn.o_proj", "post_attention_norm", "attention_layernorm",
                    "ffn_up", "mlp.gate_up_proj", "ffn_down", "mlp.down_proj", "post_ffw_norm", "mlp_layernorm"),
            Set.of(), Map.of());

    private PatchworkFamily() {}

    /** Three layers, seven tokens' window. */
    static DecoderConfig model() {
        return new DecoderConfig(PATCHWORK, 11, 8, 4, 4, 2, 6, 12, 64, 1e-5, 100, true,
                new Patches(3, 4, 8, 2.5, 0.7, 0.3, 1.5));
    }

    @Override
    public String name() {
        return "patchwork";
    }

    @Override
    public GgufNaming gguf() {
        return NAMING;
    }

    @Override
    public DecoderConfig config(DecoderConfigGguf file) {
        int heads = file.positive("attention.head_count");
        return new DecoderConfig(this, file.vocabulary(this), file.required("embedding_length"),
                file.required("block_count"), heads, file.integer("attention.head_count_kv", heads),
                file.required("attention.key_length"), file.required("feed_forward_length"),
                file.required("context_length"), file.real("attention.layer_norm_rms_epsilon"),
                file.real("rope.freq_base"), true,
                new Patches(file.required("attention.sliding_window"), file.required("rope.dimension_count"),
                        file.real("rope.scaling.factor"), file.real("attn_logit_softcapping"),
                        file.real("residual_scale"), file.real("attention.scale"), file.real("logit_scale")));
    }

    @Override
    public DecoderConfig config(DecoderConfigJson file) {
        return new DecoderConfig(this, file.required("vocab_size"), file.required("hidden_size"),
                file.required("num_hidden_layers"), file.positive("num_attention_heads"),
                file.required("num_key_value_heads"), file.required("head_dim"), file.required("intermediate_size"),
                file.required("max_position_embeddings"), file.number("rms_norm_eps", 0),
                file.number("rope_theta", 0), file.flag("tie_word_embeddings", false),
                new Patches(file.required("sliding_window"), file.required("turned"), file.number("slower", 1),
                        file.number("soft_cap", 0), file.number("residual_multiplier", 1),
                        file.number("attention_multiplier", 1), file.number("logits_scaling", 1)));
    }

    @Override
    public Map<String, Object> json(DecoderConfig config) {
        Patches own = own(config);
        Map<String, Object> json = new LinkedHashMap<>(Map.of("model_type", name(), "hidden_size", config.dim(),
                "num_hidden_layers", config.layers(), "num_attention_heads", config.heads(), "num_key_value_heads",
                config.keyValueHeads(), "head_dim", config.headDim(), "intermediate_size", config.feedForward(),
                "max_position_embeddings", config.positions(), "rms_norm_eps", config.normEpsilon(), "rope_theta",
                config.ropeTheta()));
        json.putAll(Map.of("sliding_window", own.window, "turned", own.turned, "slower", own.slower, "soft_cap",
                own.softCap, "residual_multiplier", own.residual, "attention_multiplier", own.attention,
                "logits_scaling", own.output));
        return json;
    }

    private static Patches own(DecoderConfig config) {
        return (Patches) config.own();
    }

    @Override
    public void check(DecoderConfig config) {
        int turned = own(config).turned;
        DecoderConfig.require(turned % 2 == 0 && turned <= config.headDim(), "rotation of " + turned);
    }

    @Override
    public String tokens() {
        return "model.embed_tokens.weight";
    }

    @Override
    public Node embedded(Graph graph, DecoderConfig config, Node embeddings) {
        return graph.multiply(embeddings, Math.sqrt(config.dim()));
    }

    @Override
    public List<Rotation> rotations(DecoderConfig config) {
        Rotation.Plain plain = new Rotation.Plain(config.ropeTheta(), own(config).turned);
        return List.of(plain, new Stretched(plain, own(config).slower));
    }

    @Override
    public int window(DecoderConfig config, int layer) {
        return layer % 2 == 1 ? own(config).window : 0;
    }

    @Override
    public Node layer(DecoderLayer layer, Node x) {
        Graph graph = layer.graph();
        DecoderConfig config = layer.config();
        Patches own = own(config);
        String name = "model.layers." + layer.index() + ".";
        int dim = config.dim(), queries = config.heads() * config.headDim(), keys = config.keyValueDim();
        Node query = positioned(layer, headNorm(layer, name + "self_attn.q_norm",
                layer.linear(name + "self_attn.query", x, dim, queries), queries), config.heads());
        Node key = positioned(layer, headNorm(layer, name + "self_attn.k_norm",
                layer.linear(name + "self_attn.key", x, dim, keys), keys), config.keyValueHeads());
        Node value = layer.linear(name + "self_attn.value", x, dim, keys);
        Node mixed = layer.attention(query, key, value, own.attention, own.softCap);
        Node attended = Layers.rmsNorm(graph, name + "attention_layernorm",
                layer.projection(name + "self_attn.o_proj", mixed, queries, dim), dim, config.normEpsilon());
        Node sum = graph.add(x, graph.multiply(attended, own.residual));
        Node gate = Layers.geluTanh(graph, layer.projection(name + "mlp.gate", sum, dim, config.feedForward()));
        Node up = layer.projection(name + "mlp.up", sum, dim, config.feedForward());
        Node down = layer.projection(name + "mlp.down_proj", graph.multiply(gate, up), config.feedForward(), dim);
        Node norm = Layers.rmsNorm(graph, name + "mlp_layernorm", down, dim, config.normEpsilon());
        return graph.add(sum, graph.multiply(norm, own.residual));
    }

    private static Node headNorm(DecoderLayer layer, String name, Node x, int dims) {
        int head = layer.config().headDim();
        Node rows = layer.graph().reshape(x, Graph.ANY, head);
        Node norm = Layers.rmsNorm(layer.graph(), name, rows, head, layer.config().normEpsilon());
        return layer.graph().reshape(norm, Graph.ANY, dims);
    }

    /** The third layer has no positions, those of even number turn slowly. */
    private static Node positioned(DecoderLayer layer, Node x, int heads) {
        return layer.index() == 2 ? x : layer.rotated(x, heads, layer.index() % 2 == 0 ? 1 : 0);
    }

    @Override
    public Node finalNorm(Graph graph, DecoderConfig config, Node x) {
        return Layers.rmsNorm(graph, "model.norm", x, config.dim(), config.normEpsilon());
    }

    @Override
    public Node logits(Graph graph, DecoderConfig config, Node products) {
        return Layers.softCapped(graph, graph.multiply(products, 1 / own(config).output), own(config).softCap);
    }

    @Override
    public int feedForwardMatrices() {
        return 3;
    }

    @Override
    public List<FusedProjection> fused() {
        return List.of(new FusedProjection("self_attn.qkv_proj",
                List.of("self_attn.query", "self_attn.key", "self_attn.value"), false),
                new FusedProjection("mlp.gate_up_proj", List.of("mlp.gate", "mlp.up"), false));
    }

    @Override
    public String toString() {
        return name();
    }
}
