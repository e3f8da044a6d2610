package io.retort.lm;

import java.util.Map;

/**
 * Qwen 3 (Yang et al. 2025), with the parameter names of Qwen3ForCausalLM: Llama whose queries and keys are normalised
 * head by head before they are turned, and whose heads have a size of their own.
 */
public final class Qwen3Family extends RotaryFamily {
    public static final Qwen3Family QWEN3 = new Qwen3Family();

    /** What a model may have beside the usual sizes. */
    record Traits(RotaryScaling scaling, SlidingWindow window, boolean attentionBias) implements RotaryFamily.Traits {
    }

    private Qwen3Family() {
        super("qwen3", "Qwen3ForCausalLM", "qwen3", false,
                Map.of("attn_q_norm", "self_attn.q_norm", "attn_k_norm", "self_attn.k_norm"));
    }

    @Override
    Settings settings(DecoderConfigGguf file, RotaryScaling scaling) {
        return new Traits(scaling, SlidingWindow.NONE, file.has("model.layers.0." + QUERY + ".bias"));
    }

    @Override
    Settings settings(DecoderConfigJson file, DecoderConfigJson.Rope rope) {
        return new Traits(rope.scaling(), Qwen2Family.window(file), file.flag("attention_bias", false));
    }

    @Override
    void describe(DecoderConfig config, Map<String, Object> json) {
        Qwen2Family.describe(traits(config).window, config, json);
        json.put("attention_bias", traits(config).attentionBias);
    }

    private static Traits traits(DecoderConfig config) {
        return (Traits) config.own();
    }

    @Override
    int headDimIfUnsaid(int dim, int heads) {
        return 128;
    }

    @Override
    boolean normsHeads() {
        return true;
    }

    @Override
    boolean hasBias(DecoderConfig config, String projection) {
        return traits(config).attentionBias && projection.startsWith("self_attn.");
    }
}
