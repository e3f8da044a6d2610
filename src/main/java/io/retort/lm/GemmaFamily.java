package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * What Gemma 2 and 3 have in common: embeddings times {@code √dim}, norms before and after each block, GELU in its tanh
 * form as the gate, layers with a window, soft caps, and gains of norms that the Hub's files store as their distance
 * from 1.
 */
abstract class GemmaFamily extends RotaryFamily {
    static final String SLIDING_ATTENTION = "sliding_attention";

    /**
     * What a model has beside the usual sizes.
     *
     * @param localTheta   base of rotary positions in layers with a window
     * @param localScaling of rotary positions in layers with a window
     * @param scalar       attention's logits are divided by its square root
     * @param attentionCap bound of attention's logits; 0 for none
     * @param logitCap     bound of the vocabulary's logits; 0 for none
     */
    record Traits(RotaryScaling scaling, double localTheta, RotaryScaling localScaling, SlidingWindow window,
            double scalar, double attentionCap, double logitCap) implements RotaryFamily.Traits {
    }

    GemmaFamily(String name, String causalModel, String architecture, Map<String, String> otherParts) {
        super(name, causalModel, architecture, false, with(otherParts));
    }

    private static Map<String, String> with(Map<String, String> otherParts) {
        Map<String, String> parts = new HashMap<>(Map.of("post_attention_norm", "post_attention_layernorm", "ffn_norm",
                "pre_feedforward_layernorm", "post_ffw_norm", "post_feedforward_layernorm"));
        parts.putAll(otherParts);
        return parts;
    }

    static Traits traits(DecoderConfig config) {
        return (Traits) config.own();
    }

    /**
     * Returns what the logits of attention are divided by the square root of in a GGUF file, which does not say: the size
     * of a head, but in one model of each generation what a head would have if heads shared the vector.
     */
    static double scalar(DecoderConfigGguf file, int layersOfTheLargest) {
        int dim = file.required("embedding_length"), heads = file.positive("attention.head_count");
        return file.layers() == layersOfTheLargest
                ? (double) dim / heads
                : file.integer("attention.key_length", dim / heads);
    }

    /** Returns which layers have a window in a GGUF file: all but the last of each group. */
    static IntPredicate pattern(DecoderConfigGguf file, int usual) {
        int group = file.integer("attention.sliding_window_pattern", usual);
        return layer -> group == 0 || layer % group < group - 1;
    }

    @Override
    final boolean tiedIfUnsaid() {
        return true;
    }

    @Override
    final String activationKey() {
        return "hidden_activation";
    }

    @Override
    final String activation() {
        return "gelu_pytorch_tanh";
    }

    @Override
    final int headDimIfUnsaid(int dim, int heads) {
        return 256;
    }

    @Override
    void describe(DecoderConfig config, Map<String, Object> json) {
        Traits traits = traits(config);
        traits.window.describe(json, config.layers());
        // Transformers takes whole numbers alone, except for what only a GGUF file could say.
        if (traits.scalar == Math.rint(traits.scalar)) json.put("query_pre_attn_scalar", (int) traits.scalar);
        else json.put("query_pre_attn_scalar", traits.scalar);
        json.put("attn_logit_softcapping", traits.attentionCap == 0 ? null : traits.attentionCap);
        json.put("final_logit_softcapping", traits.logitCap == 0 ? null : traits.logitCap);
    }

    @Override
    public void check(DecoderConfig config) {
        super.check(config);
        Traits traits = traits(config);
        DecoderConfig.require(traits.scalar > 0, "a query_pre_attn_scalar of " + traits.scalar + " is none");
        DecoderConfig.require(traits.attentionCap >= 0 && traits.logitCap >= 0, "a soft cap is below 0");
    }

    @Override
    public final float offset(String parameter) {
        return parameter.endsWith("norm.weight") ? 1 : 0;
    }

    @Override
    public final Node embedded(Graph graph, DecoderConfig config, Node embeddings) {
        return graph.multiply(embeddings, Math.sqrt(config.dim()));
    }

    @Override
    final double attentionScale(DecoderConfig config) {
        return 1 / Math.sqrt(traits(config).scalar);
    }

    @Override
    final double attentionCap(DecoderConfig config) {
        return traits(config).attentionCap;
    }

    @Override
    final Node activated(Graph graph, Node x) {
        return Layers.geluTanh(graph, x);
    }

    /** Writes a layer whose blocks are normalised on both sides: {@code x + norm(block(norm(x)))}, twice. */
    @Override
    public final Node layer(DecoderLayer layer, Node x) {
        String name = name(layer);
        Node mixed = attention(layer, norm(layer, name + "input_layernorm", x));
        Node attended = layer.graph().add(norm(layer, name + "post_attention_layernorm", mixed), x);
        Node fed = feedForward(layer, norm(layer, name + "pre_feedforward_layernorm", attended));
        return layer.graph().add(norm(layer, name + "post_feedforward_layernorm", fed), attended);
    }

    @Override
    public final Node logits(Graph graph, DecoderConfig config, Node products) {
        return Layers.softCapped(graph, products, traits(config).logitCap);
    }
}
