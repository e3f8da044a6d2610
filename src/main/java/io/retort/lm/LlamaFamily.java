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
 * Llama (Touvron et al. 2023), with the parameter names of LlamaForCausalLM: RMSNorm, rotary positions, queries in groups
 * that share keys and values, SwiGLU, no biases.
 */
public final class LlamaFamily implements DecoderFamily {
    public static final LlamaFamily LLAMA = new LlamaFamily();

    private static final GgufNaming NAMING = new GgufNaming("llama", "model.layers.",
            Map.of("token_embd", "model.embed_tokens", "output_norm", "model.norm", "output", "lm_head"),
            Map.of("attn_norm", "input_layernorm", "attn_q", "self_attn.q_proj", "attn_k", "self_attn.k_proj", "attn_v",
                    "self_attn.v_proj", "attn_output", "self_attn.o_proj", "ffn_norm", "post_attention_layernorm",
                    "ffn_gate", "mlp.gate_proj", "ffn_up", "mlp.up_proj", "ffn_down", "mlp.down_proj"),
            Set.of(), Map.of("attn_q", "attention.head_count", "attn_k", "attention.head_count_kv"));

    private LlamaFamily() {}

    @Override
    public String name() {
        return "llama";
    }

    @Override
    public GgufNaming gguf() {
        return NAMING;
    }

    @Override
    public DecoderConfig config(DecoderConfigGguf file) {
        file.refuseWhatChangesRotation();
        int dim = file.required("embedding_length"), heads = file.positive("attention.head_count");
        return new DecoderConfig(this, file.vocabulary(this), dim, file.required("block_count"), heads,
                file.integer("attention.head_count_kv", heads), file.integer("attention.key_length", dim / heads),
                file.required("feed_forward_length"), file.required("context_length"),
                file.real("attention.layer_norm_rms_epsilon"), file.real("rope.freq_base", 10_000),
                !file.has(head()));
    }

    @Override
    public DecoderConfig config(DecoderConfigJson file) {
        file.expect("hidden_act", file.string("hidden_act", "silu"), "silu");
        file.refuse("attention_bias");
        file.refuse("mlp_bias");
        int dim = file.required("hidden_size"), heads = file.positive("num_attention_heads");
        return new DecoderConfig(this, file.required("vocab_size"), dim, file.required("num_hidden_layers"), heads,
                file.integer("num_key_value_heads", heads), file.integer("head_dim", dim / heads),
                file.required("intermediate_size"), file.required("max_position_embeddings"),
                file.number("rms_norm_eps", 1e-6), file.unscaledRopeTheta(), file.flag("tie_word_embeddings", false));
    }

    @Override
    public Map<String, Object> json(DecoderConfig config) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("architectures", List.of("LlamaForCausalLM"));
        json.put("model_type", name());
        json.put("hidden_size", config.dim());
        json.put("num_hidden_layers", config.layers());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.keyValueHeads());
        json.put("head_dim", config.headDim());
        json.put("intermediate_size", config.feedForward());
        json.put("max_position_embeddings", config.positions());
        json.put("rms_norm_eps", config.normEpsilon());
        json.put("rope_theta", config.ropeTheta());
        json.put("hidden_act", "silu");
        return json;
    }

    @Override
    public void check(DecoderConfig config) {
        DecoderConfig.require(config.headDim() % 2 == 0,
                "rotary positions need heads of even size, not " + config.headDim());
        DecoderConfig.require(config.ropeTheta() > 1 && config.ropeTheta() < 1e12,
                "a rotary base of " + config.ropeTheta() + " is none");
    }

    @Override
    public String tokens() {
        return "model.embed_tokens.weight";
    }

    @Override
    public List<Rotation> rotations(DecoderConfig config) {
        return List.of(new Rotation.Plain(config.ropeTheta(), config.headDim()));
    }

    /** Writes a pre-norm layer: {@code x + output(attention(norm(x)))}, then {@code x + feedForward(norm(x))}. */
    @Override
    public Node layer(DecoderLayer layer, Node x) {
        Graph graph = layer.graph();
        DecoderConfig config = layer.config();
        String name = "model.layers." + layer.index() + ".";
        int dim = config.dim(), queries = config.heads() * config.headDim();
        Node seen = Layers.rmsNorm(graph, name + "input_layernorm", x, dim, config.normEpsilon());
        Node query = layer.rotated(layer.projection(name + "self_attn.q_proj", seen, dim, queries), config.heads());
        Node key = layer.rotated(layer.projection(name + "self_attn.k_proj", seen, dim, config.keyValueDim()),
                config.keyValueHeads());
        Node value = layer.projection(name + "self_attn.v_proj", seen, dim, config.keyValueDim());
        Node mixed = layer.attention(query, key, value);
        Node attended = graph.add(layer.projection(name + "self_attn.o_proj", mixed, queries, dim), x);
        Node norm = Layers.rmsNorm(graph, name + "post_attention_layernorm", attended, dim, config.normEpsilon());
        return graph.add(feedForward(layer, name + "mlp.", norm), attended);
    }

    /** Writes the feed-forward block, a SwiGLU (Shazeer 2020). */
    private static Node feedForward(DecoderLayer layer, String name, Node x) {
        DecoderConfig config = layer.config();
        Node gate = Layers.silu(layer.graph(),
                layer.projection(name + "gate_proj", x, config.dim(), config.feedForward()));
        Node up = layer.projection(name + "up_proj", x, config.dim(), config.feedForward());
        return layer.projection(name + "down_proj", layer.graph().multiply(gate, up), config.feedForward(),
                config.dim());
    }

    @Override
    public Node finalNorm(Graph graph, DecoderConfig config, Node x) {
        return Layers.rmsNorm(graph, "model.norm", x, config.dim(), config.normEpsilon());
    }

    @Override
    public int feedForwardMatrices() {
        return 3;
    }

    /** Recognises the frequencies of rotation, which older checkpoints carry as a tensor. */
    @Override
    public boolean isUnused(String name) {
        return name.endsWith(".rotary_emb.inv_freq");
    }

    @Override
    public String toString() {
        return name();
    }
}
