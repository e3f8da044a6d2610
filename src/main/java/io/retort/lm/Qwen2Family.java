package io.retort.lm;

import java.util.Map;

/** Qwen 2 and 2.5 (Yang et al. 2024), with the parameter names of Qwen2ForCausalLM: Llama with biases on queries, keys and values. */
public final class Qwen2Family extends RotaryFamily {
    public static final Qwen2Family QWEN2 = new Qwen2Family();

    /** What a model may have beside the usual sizes. */
    record Traits(RotaryScaling scaling, SlidingWindow window) implements RotaryFamily.Traits {
    }

    private Qwen2Family() {
        super("qwen2", "Qwen2ForCausalLM", "qwen2", false, Map.of());
    }

    @Override
    Settings settings(DecoderConfigGguf file, RotaryScaling scaling) {
        return new Traits(scaling, SlidingWindow.NONE);
    }

    @Override
    Settings settings(DecoderConfigJson file, DecoderConfigJson.Rope rope) {
        return new Traits(rope.scaling(), window(file));
    }

    /** Reads the window of the later layers, which Qwen's models have and all but a few leave off. */
    static SlidingWindow window(DecoderConfigJson file) {
        int layers = file.layers(), size = file.integerOrNone("sliding_window", 4096);
        int first = file.integer("max_window_layers", 28);
        boolean used = file.flag("use_sliding_window", false);
        return SlidingWindow.read(file, used ? size : 0, layers, layer -> layer >= first);
    }

    /** Adds the fields that {@link #window(DecoderConfigJson)} reads. */
    static void describe(SlidingWindow window, DecoderConfig config, Map<String, Object> json) {
        window.describe(json, config.layers());
        json.put("use_sliding_window", window.size() > 0);
    }

    @Override
    void describe(DecoderConfig config, Map<String, Object> json) {
        describe(traits(config).window, config, json);
    }

    private static Traits traits(DecoderConfig config) {
        return (Traits) config.own();
    }

    @Override
    boolean hasBias(DecoderConfig config, String projection) {
        return projection.equals(QUERY) || projection.equals(KEY) || projection.equals(VALUE);
    }
}
