package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.Tensor;
import io.retort.text.TextFormat;
import io.retort.text.TokenBatch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * MPNet (Song et al. 2020): BERT without token types, whose attention also sees how far apart two tokens are. Each head
 * has a number for each {@linkplain #bucket range of distances}, shared by all layers, which is added to the logits.
 */
final class MpnetFamily extends PostNormFamily {
    private static final TransformerEncoder.LayerNames LAYER = new TransformerEncoder.LayerNames("attention.attn.q",
            "attention.attn.k", "attention.attn.v", "attention.attn.o", "attention.LayerNorm", "intermediate.dense",
            "output.dense", "output.LayerNorm");
    private static final Pattern UNUSED = Pattern.compile("pooler\\..*|lm_head\\..*|embeddings\\.position_ids");
    /** The name of the input with a one at the bucket of each pair of tokens, {@code [time, time, BUCKETS]}. */
    private static final String DISTANCES = "distances";
    /** transformers counts 32 buckets whatever a configuration says, and positions from 2 on. */
    private static final int BUCKETS = 32;
    private static final int FIRST_POSITION = 2;
    private static final int FARTHEST = 128;

    MpnetFamily() {
        super(LAYER, "encoder.layer.", UNUSED);
    }

    @Override
    public List<String> modelTypes() {
        return List.of("mpnet");
    }

    @Override
    public EncoderConfig config(EncoderConfigJson file) {
        file.requireOnly("relative_attention_num_buckets", BUCKETS);
        return new EncoderConfig(this, file.required("vocab_size"), file.required("hidden_size"),
                file.required("num_hidden_layers"), file.required("num_attention_heads"),
                file.required("intermediate_size"), file.required("max_position_embeddings"), FIRST_POSITION, 0,
                file.number("layer_norm_eps", 1e-12), file.activation("hidden_act"), Settings.NONE);
    }

    @Override
    public SequencedMap<String, Object> json(EncoderConfig config) {
        SequencedMap<String, Object> fields = new LinkedHashMap<>();
        fields.put("architectures", List.of("MPNetModel"));
        fields.put("model_type", modelTypes().getFirst());
        fields.put("vocab_size", config.vocabulary());
        fields.put("hidden_size", config.dim());
        fields.put("num_hidden_layers", config.layers());
        fields.put("num_attention_heads", config.heads());
        fields.put("intermediate_size", config.feedForward());
        fields.put("hidden_act", config.activation().hubName());
        fields.put("max_position_embeddings", config.positions());
        fields.put("layer_norm_eps", config.normEpsilon());
        fields.put("relative_attention_num_buckets", BUCKETS);
        fields.put("pad_token_id", FIRST_POSITION - 1);
        return fields;
    }

    /** Returns the mask and the numbers of the distances, {@code [batch, heads, time, time]}. */
    @Override
    Node seen(TransformerEncoder encoder) {
        Graph graph = encoder.graph();
        int heads = encoder.config().heads();
        Node distances = graph.input(DISTANCES, Graph.ANY, Graph.ANY, BUCKETS);
        Node table = encoder.parameter("encoder.relative_attention_bias.weight", BUCKETS, heads);
        // A product with ones and zeros chooses rows, and has a right gradient, which ND4J's gather has not.
        Node chosen = graph.matmul(graph.flatten(distances, BUCKETS), table); // [time * time, heads]
        Node bias = graph.permute(graph.reshapeLike(chosen, distances, 2, heads), 2, 0, 1);
        return graph.add(encoder.mask(), bias);
    }

    @Override
    public void feed(EncoderConfig config, TokenBatch batch, Map<String, Tensor> inputs) {
        int time = batch.time();
        float[] distances = new float[Math.multiplyExact(time * time, BUCKETS)];
        int[] buckets = new int[2 * time];
        for (int distance = -time; distance < time; distance++) buckets[time + distance] = bucket(distance);
        for (int query = 0; query < time; query++) {
            for (int key = 0; key < time; key++) {
                distances[(query * time + key) * BUCKETS + buckets[time + key - query]] = 1;
            }
        }
        inputs.put(DISTANCES, Tensor.of(distances, time, time, BUCKETS));
    }

    /**
     * Returns the bucket of a distance: 16 for keys that stand before the query or at it, 16 for those after it. Of
     * these, the first 8 are for one distance each, the others for ranges that grow geometrically.
     *
     * @param distance of the key from the query, positive if it comes later
     */
    static int bucket(int distance) {
        int half = BUCKETS / 2, exact = half / 2;
        int far = Math.abs(distance);
        int within = far;
        if (far >= exact) {
            // In floats, step by step, as PyTorch computes it: the ranges' limits are where it matters.
            float share = (float) Math.log((float) far / exact) / (float) Math.log((double) FARTHEST / exact);
            within = Math.min(half - 1, exact + (int) (share * (half - exact)));
        }
        return distance > 0 ? half + within : within;
    }

    @Override
    public List<String> holders() {
        return List.of("mpnet.");
    }

    @Override
    public TextFormat usualText() {
        return RobertaFamily.TEXT;
    }
}
