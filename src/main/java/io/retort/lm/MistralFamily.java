package io.retort.lm;

import java.util.Map;

/**
 * Mistral (Jiang et al. 2023), Nemo and Ministral among its models, with the parameter names of MistralForCausalLM: Llama
 * whose layers may all see a window. GGUF files of the older ones say {@code llama}, which computes the same.
 */
public final class MistralFamily extends RotaryFamily {
    public static final MistralFamily MISTRAL = new MistralFamily();

    /** What a model may have beside the usual sizes. */
    record Traits(RotaryScaling scaling, SlidingWindow window) implements RotaryFamily.Traits {
    }

    private MistralFamily() {
        super("mistral", "MistralForCausalLM", "mistral3", true, Map.of());
    }

    @Override
    Settings settings(DecoderConfigGguf file, RotaryScaling scaling) {
        return new Traits(scaling, SlidingWindow.NONE);
    }

    @Override
    Settings settings(DecoderConfigJson file, DecoderConfigJson.Rope rope) {
        // Transformers takes 4,096 where a file says nothing, and no window where it says null.
        int size = file.integerOrNone("sliding_window", 4096);
        return new Traits(rope.scaling(), SlidingWindow.uniform(file, size, file.layers()));
    }

    @Override
    void describe(DecoderConfig config, Map<String, Object> json) {
        json.put("sliding_window", traits(config).window.size() == 0 ? null : traits(config).window.size());
    }

    private static Traits traits(DecoderConfig config) {
        return (Traits) config.own();
    }
}
