package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import io.retort.tensor.GgufNaming;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * GPT-2 (Radford et al. 2019), DialoGPT among its models, with the parameter names of GPT2LMHeadModel: learned positions,
 * LayerNorm, GELU in its tanh form, biases. Weights are {@code [in, out]}, as there; {@code c_attn}, there one matrix for
 * queries, keys and values, is three here.
 */
public final class Gpt2Family implements DecoderFamily {
    public static final Gpt2Family GPT2 = new Gpt2Family();

    private static final GgufNaming NAMING = new GgufNaming("gpt2", "transformer.h.",
            Map.of("token_embd", "transformer.wte", "position_embd", "transformer.wpe", "output_norm",
                    "transformer.ln_f", "output", "lm_head"),
            Map.of("attn_norm", "ln_1", "attn_qkv", "attn.c_attn", "attn_output", "attn.c_proj", "ffn_norm", "ln_2",
                    "ffn_up", "mlp.c_fc", "ffn_down", "mlp.c_proj"),
            Set.of("attn_qkv", "attn_output", "ffn_up", "ffn_down"), Map.of());
    private static final FusedProjection ATTENTION = new FusedProjection("attn.c_attn",
            List.of("attn.query", "attn.key", "attn.value"), true);

    private Gpt2Family() {}

    @Override
    public String name() {
        return "gpt2";
    }

    @Override
    public GgufNaming gguf() {
        return NAMING;
    }

    @Override
    public DecoderConfig config(DecoderConfigGguf file) {
        int dim = file.required("embedding_length"), heads = file.positive("attention.head_count");
        return new DecoderConfig(this, file.vocabulary(this), dim, file.layers(), heads,
                file.integer("attention.head_count_kv", heads), file.integer("attention.key_length", dim / heads),
                file.required("feed_forward_length"), file.required("context_length"),
                file.real("attention.layer_norm_epsilon"), 0, !file.has(head()));
    }

    @Override
    public DecoderConfig config(DecoderConfigJson file) {
        String activation = file.string("activation_function", "gelu_new");
        if (!activation.equals("gelu_pytorch_tanh")) file.expect("activation_function", activation, "gelu_new");
        file.refuse("scale_attn_by_inverse_layer_idx");
        file.refuse("add_cross_attention");
        file.require("scale_attn_weights", true);
        int dim = file.required("n_embd"), heads = file.required("n_head");
        DecoderConfig.require(heads >= 1 && dim % heads == 0,
                "n_embd " + dim + " is not a multiple of n_head " + heads);
        return new DecoderConfig(this, file.required("vocab_size"), dim, file.required("n_layer"), heads, heads,
                dim / heads, file.integer("n_inner", Math.multiplyExact(4, dim)), file.required("n_positions"),
                file.number("layer_norm_epsilon", 1e-5), 0, file.flag("tie_word_embeddings", true));
    }

    @Override
    public Map<String, Object> json(DecoderConfig config) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("architectures", List.of("GPT2LMHeadModel"));
        json.put("model_type", name());
        json.put("n_embd", config.dim());
        json.put("n_layer", config.layers());
        json.put("n_head", config.heads());
        json.put("n_inner", config.feedForward());
        json.put("n_positions", config.positions());
        json.put("layer_norm_epsilon", config.normEpsilon());
        json.put("activation_function", "gelu_new");
        return json;
    }

    @Override
    public void check(DecoderConfig config) {
        DecoderConfig.require(config.heads() * config.headDim() == config.dim()
                && config.keyValueHeads() == config.heads(),
                "GPT-2 splits its " + config.dim() + " dimensions among heads, with keys for each");
        DecoderConfig.requireMatrix("the context", config.positions(), config.dim());
    }

    @Override
    public String tokens() {
        return "transformer.wte.weight";
    }

    @Override
    public Optional<String> positions() {
        return Optional.of("transformer.wpe.weight");
    }

    @Override
    public List<Rotation> rotations(DecoderConfig config) {
        return List.of();
    }

    /** Writes a pre-norm layer: {@code x + output(attention(norm(x)))}, then {@code x + feedForward(norm(x))}. */
    @Override
    public Node layer(DecoderLayer layer, Node x) {
        Graph graph = layer.graph();
        DecoderConfig config = layer.config();
        String name = "transformer.h." + layer.index() + ".";
        int dim = config.dim(), inner = config.feedForward();
        Node seen = Layers.layerNorm(graph, name + "ln_1", x, dim, config.normEpsilon());
        Node query = projection(graph, name + "attn.query", seen, dim, dim);
        Node key = projection(graph, name + "attn.key", seen, dim, dim);
        Node value = projection(graph, name + "attn.value", seen, dim, dim);
        Node mixed = layer.attention(query, key, value);
        Node attended = graph.add(projection(graph, name + "attn.c_proj", mixed, dim, dim), x);
        Node norm = Layers.layerNorm(graph, name + "ln_2", attended, dim, config.normEpsilon());
        Node active = Layers.geluTanh(graph, projection(graph, name + "mlp.c_fc", norm, dim, inner));
        return graph.add(projection(graph, name + "mlp.c_proj", active, inner, dim), attended);
    }

    private static Node projection(Graph graph, String name, Node x, int in, int out) {
        Node product = graph.matmul(x, graph.parameter(name + ".weight", in, out));
        return graph.add(product, graph.parameter(name + ".bias", out));
    }

    @Override
    public Node finalNorm(Graph graph, DecoderConfig config, Node x) {
        return Layers.layerNorm(graph, "transformer.ln_f", x, config.dim(), config.normEpsilon());
    }

    @Override
    public int feedForwardMatrices() {
        return 2;
    }

    /** Returns false: adapters are made for matrices of {@code [out, in]}, and GPT-2's are {@code [in, out]}. */
    @Override
    public boolean takesAdapters() {
        return false;
    }

    @Override
    public List<FusedProjection> fused() {
        return List.of(ATTENTION);
    }

    /** Adds the prefix that the names of a bare GPT2Model lack. */
    @Override
    public String canonical(String name) {
        return name.matches("(h|wte|wpe|ln_f)\\..*") ? "transformer." + name : name;
    }

    /** Recognises the causal mask, which older checkpoints carry as a tensor. */
    @Override
    public boolean isUnused(String name) {
        return name.endsWith(".attn.bias") || name.endsWith(".attn.masked_bias");
    }

    @Override
    public String toString() {
        return name();
    }
}
