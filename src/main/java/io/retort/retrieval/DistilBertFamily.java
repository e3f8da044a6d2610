package io.retort.retrieval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/** DistilBERT (Sanh et al. 2019): BERT without token types, under names of its own. */
final class DistilBertFamily extends PostNormFamily {
    private static final TransformerEncoder.LayerNames LAYER = new TransformerEncoder.LayerNames("attention.q_lin",
            "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2",
            "output_layer_norm");
    private static final Pattern UNUSED = Pattern.compile("vocab_(transform|layer_norm|projector)\\..*"
            + "|(pre_)?classifier\\..*|qa_outputs\\..*|embeddings\\.position_ids");
    /** No DistilBERT has another. */
    private static final double NORM_EPSILON = 1e-12;

    DistilBertFamily() {
        super(LAYER, "transformer.layer.", UNUSED);
    }

    @Override
    public List<String> modelTypes() {
        return List.of("distilbert");
    }

    @Override
    public EncoderConfig config(EncoderConfigJson file) {
        return new EncoderConfig(this, file.required("vocab_size"), file.required("dim"), file.required("n_layers"),
                file.required("n_heads"), file.required("hidden_dim"), file.required("max_position_embeddings"), 0, 0,
                NORM_EPSILON, file.activation("activation"), Settings.NONE);
    }

    @Override
    public SequencedMap<String, Object> json(EncoderConfig config) {
        SequencedMap<String, Object> fields = new LinkedHashMap<>();
        fields.put("architectures", List.of("DistilBertModel"));
        fields.put("model_type", modelTypes().getFirst());
        fields.put("vocab_size", config.vocabulary());
        fields.put("dim", config.dim());
        fields.put("n_layers", config.layers());
        fields.put("n_heads", config.heads());
        fields.put("hidden_dim", config.feedForward());
        fields.put("activation", config.activation().hubName());
        fields.put("max_position_embeddings", config.positions());
        fields.put("pad_token_id", 0);
        return fields;
    }

    @Override
    public List<String> holders() {
        return List.of("distilbert.");
    }
}
