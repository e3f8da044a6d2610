package io.retort.lm;

import java.util.Map;

/** Gemma 2 (Gemma Team 2024), with the parameter names of Gemma2ForCausalLM: every other layer, from the first, has a window. */
public final class Gemma2Family extends GemmaFamily {
    public static final Gemma2Family GEMMA2 = new Gemma2Family();

    private Gemma2Family() {
        super("gemma2", "Gemma2ForCausalLM", "gemma2", Map.of());
    }

    @Override
    Settings settings(DecoderConfigGguf file, RotaryScaling scaling) {
        SlidingWindow window = SlidingWindow.of(file.integer("attention.sliding_window", 4096),
                file.layers(), pattern(file, 2));
        return new Traits(scaling, 0, RotaryScaling.NONE, window, scalar(file, 46),
                file.real("attn_logit_softcapping", 50), file.real("final_logit_softcapping", 30));
    }

    @Override
    Settings settings(DecoderConfigJson file, DecoderConfigJson.Rope rope) {
        file.refuse("attention_bias");
        SlidingWindow window = SlidingWindow.read(file, file.integerOrNone("sliding_window", 4096),
                file.layers(), layer -> layer % 2 == 0);
        return new Traits(rope.scaling(), 0, RotaryScaling.NONE, window, file.number("query_pre_attn_scalar", 256),
                file.numberOrNone("attn_logit_softcapping", 50),
                file.numberOrNone("final_logit_softcapping", 30));
    }
}
