package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import java.util.Map;

/**
 * Granite 3 and 4's dense models (IBM 2024), with the parameter names of GraniteForCausalLM: Llama with four factors, of
 * embeddings, of attention's logits, of what blocks add, and of the vocabulary's logits, which are divided by theirs.
 */
public final class GraniteFamily extends RotaryFamily {
    public static final GraniteFamily GRANITE = new GraniteFamily();

    /**
     * What a model may have beside the usual sizes.
     *
     * @param attention 0 for the usual factor of attention's logits
     */
    record Traits(RotaryScaling scaling, double embedding, double attention, double residual, double logits,
            boolean attentionBias, boolean feedForwardBias) implements RotaryFamily.Traits {
    }

    private GraniteFamily() {
        super("granite", "GraniteForCausalLM", "granite", true, Map.of());
    }

    @Override
    Settings settings(DecoderConfigGguf file, RotaryScaling scaling) {
        if (!file.flag("rope.scaling.finetuned", true)) throw file.unsupported("rope.scaling.finetuned", "false");
        return new Traits(scaling, file.real("embedding_scale", 1), file.real("attention.scale", 0),
                file.real("residual_scale", 1), file.real("logit_scale", 1),
                file.has("model.layers.0." + QUERY + ".bias"), file.has("model.layers.0." + UP + ".bias"));
    }

    @Override
    Settings settings(DecoderConfigJson file, DecoderConfigJson.Rope rope) {
        return new Traits(rope.scaling(), file.number("embedding_multiplier", 1),
                file.number("attention_multiplier", 1), file.number("residual_multiplier", 1),
                file.number("logits_scaling", 1), file.flag("attention_bias", false), file.flag("mlp_bias", false));
    }

    @Override
    void describe(DecoderConfig config, Map<String, Object> json) {
        Traits traits = traits(config);
        json.put("embedding_multiplier", traits.embedding);
        json.put("attention_multiplier", attentionScale(config));
        json.put("residual_multiplier", traits.residual);
        json.put("logits_scaling", traits.logits);
        json.put("attention_bias", traits.attentionBias);
        json.put("mlp_bias", traits.feedForwardBias);
    }

    private static Traits traits(DecoderConfig config) {
        return (Traits) config.own();
    }

    @Override
    public void check(DecoderConfig config) {
        super.check(config);
        Traits traits = traits(config);
        for (double factor : new double[]{traits.embedding, traits.residual, traits.logits}) {
            DecoderConfig.require(factor > 0 && factor < 1e6, "a factor of Granite is " + factor);
        }
    }

    @Override
    public Node embedded(Graph graph, DecoderConfig config, Node embeddings) {
        return graph.multiply(embeddings, traits(config).embedding);
    }

    @Override
    double attentionScale(DecoderConfig config) {
        double scale = traits(config).attention;
        return scale == 0 ? super.attentionScale(config) : scale;
    }

    @Override
    double residualScale(DecoderConfig config) {
        return traits(config).residual;
    }

    @Override
    public Node logits(Graph graph, DecoderConfig config, Node products) {
        return graph.multiply(products, 1 / traits(config).logits);
    }

    @Override
    boolean hasBias(DecoderConfig config, String projection) {
        return projection.startsWith("mlp.") ? traits(config).feedForwardBias : traits(config).attentionBias;
    }
}
