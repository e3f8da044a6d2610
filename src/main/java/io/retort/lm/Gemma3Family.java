package io.retort.lm;

import java.util.List;
import java.util.Map;

/**
 * Gemma 3's models of text (Gemma Team 2025), with the parameter names of Gemma3ForCausalLM: five layers with a window,
 * which turn by a base of their own, to one without; queries and keys are normalised head by head.
 */
public final class Gemma3Family extends GemmaFamily {
    public static final Gemma3Family GEMMA3 = new Gemma3Family();
    private static final int PATTERN = 6;

    private Gemma3Family() {
        super("gemma3_text", "Gemma3ForCausalLM", "gemma3",
                Map.of("attn_q_norm", "self_attn.q_norm", "attn_k_norm", "self_attn.k_norm"));
    }

    @Override
    Settings settings(DecoderConfigGguf file, RotaryScaling scaling) {
        // Files of models that were trained without windows have no such key.
        SlidingWindow window = SlidingWindow.of(file.integer("attention.sliding_window", 0),
                file.layers(), pattern(file, PATTERN));
        return new Traits(scaling, file.real("rope.freq_base_swa", 10_000), RotaryScaling.NONE, window,
                scalar(file, 62), 0, file.real("final_logit_softcapping", 0));
    }

    @Override
    Settings settings(DecoderConfigJson file, DecoderConfigJson.Rope rope) {
        file.refuse("attention_bias");
        file.refuse("use_bidirectional_attention");
        int pattern = file.integer("sliding_window_pattern", file.integer("_sliding_window_pattern", PATTERN));
        DecoderConfig.require(pattern > 0, "sliding_window_pattern is " + pattern);
        SlidingWindow window = SlidingWindow.read(file, file.integerOrNone("sliding_window", 4096),
                file.layers(), layer -> (layer + 1) % pattern != 0);
        DecoderConfigJson.Rope local = file
                .ropeOf(SLIDING_ATTENTION, file.number("rope_local_base_freq", 10_000),
                        lengths(file.required("max_position_embeddings")))
                .orElseGet(() -> new DecoderConfigJson.Rope(file.number("rope_local_base_freq", 10_000), 1,
                        RotaryScaling.NONE));
        return new Traits(rope.scaling(), local.theta(), local.scaling(), window,
                file.number("query_pre_attn_scalar", 256), file.number("attn_logit_softcapping", 0),
                file.number("final_logit_softcapping", 0));
    }

    @Override
    void describe(DecoderConfig config, Map<String, Object> json) {
        super.describe(config, json);
        Traits traits = traits(config);
        json.put("rope_local_base_freq", traits.localTheta());
        DecoderConfig.require(traits.localScaling() == RotaryScaling.NONE,
                "transformers has no field for a scaled rotation of layers with a window");
    }

    @Override
    double thetaIfUnsaid() {
        return 1_000_000;
    }

    @Override
    boolean normsHeads() {
        return true;
    }

    @Override
    public List<Rotation> rotations(DecoderConfig config) {
        Traits traits = traits(config);
        return List.of(traits.scaling().of(config.ropeTheta(), config.headDim()),
                traits.localScaling().of(traits.localTheta(), config.headDim()));
    }

    @Override
    int rotation(DecoderConfig config, int layer) {
        return traits(config).window().of(layer) > 0 ? 1 : 0;
    }
}
