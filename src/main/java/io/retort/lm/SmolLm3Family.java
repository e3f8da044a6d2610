package io.retort.lm;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * SmolLM 3 (Bakouch et al. 2025), with the parameter names of SmolLM3ForCausalLM: Llama whose every fourth layer does not
 * turn queries and keys.
 */
public final class SmolLm3Family extends RotaryFamily {
    public static final SmolLm3Family SMOLLM3 = new SmolLm3Family();

    /**
     * What a model may have beside the usual sizes.
     *
     * @param unturned layers without positions
     */
    record Traits(RotaryScaling scaling, List<Integer> unturned, boolean attentionBias, boolean feedForwardBias)
            implements
                RotaryFamily.Traits {
    }

    private SmolLm3Family() {
        super("smollm3", "SmolLM3ForCausalLM", "smollm3", true, Map.of());
    }

    private static List<Integer> every(int interval, int layers) {
        return IntStream.range(0, layers).filter(layer -> (layer + 1) % interval == 0).boxed().toList();
    }

    @Override
    Settings settings(DecoderConfigGguf file, RotaryScaling scaling) {
        // Files do not say which layers; llama.cpp has it built in.
        return new Traits(scaling, every(4, file.layers()),
                file.has("model.layers.0." + QUERY + ".bias"), file.has("model.layers.0." + UP + ".bias"));
    }

    @Override
    Settings settings(DecoderConfigJson file, DecoderConfigJson.Rope rope) {
        int layers = file.layers(), interval = file.integer("no_rope_layer_interval", 4);
        DecoderConfig.require(interval > 0, "no_rope_layer_interval is " + interval);
        List<Integer> turned = file.integers("no_rope_layers"); // 1 where a layer turns, in spite of the name
        DecoderConfig.require(turned.isEmpty() || turned.size() == layers,
                "no_rope_layers is of " + turned.size() + " layers, the model has " + layers);
        file.integer("sliding_window", 0);
        if (file.flag("use_sliding_window", false)) throw file.unsupported("use_sliding_window", "true");
        return new Traits(rope.scaling(), turned.isEmpty()
                ? every(interval, layers)
                : IntStream.range(0, layers).filter(layer -> turned.get(layer) == 0).boxed().toList(),
                file.flag("attention_bias", false), file.flag("mlp_bias", false));
    }

    @Override
    void describe(DecoderConfig config, Map<String, Object> json) {
        Traits traits = traits(config);
        json.put("no_rope_layers", IntStream.range(0, config.layers())
                .map(layer -> traits.unturned.contains(layer) ? 0 : 1).boxed().toList());
        json.put("use_sliding_window", false);
        json.put("attention_bias", traits.attentionBias);
        json.put("mlp_bias", traits.feedForwardBias);
        json.put("pad_token_id", null); // transformers' own default may lie beyond the vocabulary
    }

    private static Traits traits(DecoderConfig config) {
        return (Traits) config.own();
    }

    @Override
    boolean tiedIfUnsaid() {
        return true;
    }

    @Override
    double thetaIfUnsaid() {
        return 2_000_000;
    }

    @Override
    boolean turns(DecoderConfig config, int layer) {
        return !traits(config).unturned.contains(layer);
    }

    @Override
    boolean hasBias(DecoderConfig config, String projection) {
        return projection.startsWith("mlp.") ? traits(config).feedForwardBias : traits(config).attentionBias;
    }
}
