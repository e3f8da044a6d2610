package io.retort.lm;

import java.util.Map;

/**
 * Llama (Touvron et al. 2023) to its version 3.3, with the parameter names of LlamaForCausalLM: RMSNorm, rotary positions
 * that may be slowed down, queries in groups that share keys and values, SwiGLU, biases in few models.
 */
public final class LlamaFamily extends RotaryFamily {
    public static final LlamaFamily LLAMA = new LlamaFamily();

    /** What a model may have beside the usual sizes. */
    record Traits(RotaryScaling scaling, boolean attentionBias,
            boolean feedForwardBias) implements RotaryFamily.Traits {
        static final Traits PLAIN = new Traits(RotaryScaling.NONE, false, false);
    }

    private LlamaFamily() {
        super("llama", "LlamaForCausalLM", "llama", true, Map.of());
    }

    @Override
    Settings settings(DecoderConfigGguf file, RotaryScaling scaling) {
        return new Traits(scaling, file.has("model.layers.0." + QUERY + ".bias"),
                file.has("model.layers.0." + UP + ".bias"));
    }

    @Override
    Settings settings(DecoderConfigJson file, DecoderConfigJson.Rope rope) {
        return new Traits(rope.scaling(), file.flag("attention_bias", false), file.flag("mlp_bias", false));
    }

    @Override
    void describe(DecoderConfig config, Map<String, Object> json) {
        if (traits(config).attentionBias) json.put("attention_bias", true);
        if (traits(config).feedForwardBias) json.put("mlp_bias", true);
    }

    private static Traits traits(DecoderConfig config) {
        return config.own() instanceof Traits traits ? traits : Traits.PLAIN;
    }

    @Override
    boolean hasBias(DecoderConfig config, String projection) {
        return projection.startsWith("mlp.") ? traits(config).feedForwardBias : traits(config).attentionBias;
    }
}
