package io.retort.lm;

import java.util.List;
import java.util.Map;

/**
 * Phi 3, 3.5 and 4 (Abdin et al. 2024), with the parameter names of Phi3ForCausalLM: Llama whose files keep queries, keys
 * and values as one matrix, and the two sides of the gated unit as another; heads may turn in part, and LongRoPE's factors
 * lengthen texts. Retort has the factors of texts within the original context, so that texts end there.
 */
public final class Phi3Family extends RotaryFamily {
    public static final Phi3Family PHI3 = new Phi3Family();

    private static final List<FusedProjection> FUSED = List.of(
            new FusedProjection("self_attn.qkv_proj", List.of(QUERY, KEY, VALUE), false),
            new FusedProjection("mlp.gate_up_proj", List.of(GATE, UP), false));

    /**
     * What a model may have beside the usual sizes.
     *
     * @param turned dimensions of a head that are turned
     */
    record Traits(RotaryScaling scaling, SlidingWindow window, int turned) implements RotaryFamily.Traits {
    }

    private Phi3Family() {
        super("phi3", "Phi3ForCausalLM", "phi3", false,
                Map.of("attn_qkv", "self_attn.qkv_proj", "ffn_up", "mlp.gate_up_proj"));
    }

    @Override
    Settings settings(DecoderConfigGguf file, RotaryScaling scaling) {
        int heads = file.positive("attention.head_count"), layers = file.layers();
        int headDim = file.integer("attention.key_length", file.required("embedding_length") / heads);
        return new Traits(scaling, SlidingWindow.of(file.integer("attention.sliding_window", 0), layers, layer -> true),
                file.turned(headDim));
    }

    @Override
    Settings settings(DecoderConfigJson file, DecoderConfigJson.Rope rope) {
        int headDim = file.integer("head_dim",
                file.required("hidden_size") / file.positive("num_attention_heads"));
        return new Traits(rope.scaling(), SlidingWindow.uniform(file, file.integer("sliding_window", 0),
                file.layers()), rope.turned(headDim));
    }

    @Override
    void describe(DecoderConfig config, Map<String, Object> json) {
        Traits traits = traits(config);
        json.put("sliding_window", traits.window.size() == 0 ? null : traits.window.size());
        json.put("partial_rotary_factor", (double) traits.turned / config.headDim());
        json.put("original_max_position_embeddings", original(config));
        json.put("pad_token_id", null); // transformers' own default may lie beyond the vocabulary
    }

    private static int original(DecoderConfig config) {
        return traits(config).scaling.longest().orElse(config.positions());
    }

    private static Traits traits(DecoderConfig config) {
        return (Traits) config.own();
    }

    @Override
    double epsilonIfUnsaid() {
        return 1e-5;
    }

    /** Phi's original length is 4,096 unless a field beside the scaling says otherwise, and its old YaRN is LongRoPE. */
    @Override
    DecoderConfigJson.Lengths lengths(int longest) {
        return new DecoderConfigJson.Lengths(longest, 4096, "longrope");
    }

    @Override
    boolean turnsInPart() {
        return true;
    }

    @Override
    int turned(DecoderConfig config) {
        return traits(config).turned;
    }

    @Override
    public List<FusedProjection> fused() {
        return FUSED;
    }
}
