package io.retort.retrieval;

import io.retort.graph.Node;
import io.retort.text.TextFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/** DistilBERT (Sanh et al. 2019): BERT without token types, under names of its own. */
final class DistilBertFamily implements EncoderFamily {
    private static final TransformerEncoder.LayerNames LAYER = new TransformerEncoder.LayerNames("attention.q_lin",
            "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2",
            "output_layer_norm");
    private static final Pattern UNUSED = Pattern.compile("vocab_(transform|layer_norm|projector)\\..*"
            + "|(pre_)?classifier\\..*|qa_outputs\\..*|embeddings\\.position_ids");
    /** No DistilBERT has another. */
    private static final double NORM_EPSILON = 1e-12;

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
    public EncoderConfig.NormPlacement norms() {
        return EncoderConfig.NormPlacement.POST;
    }

    @Override
    public Tables tables() {
        return new Tables(EmbeddingTable.WORDS, EmbeddingTable.POSITIONS, "");
    }

    @Override
    public Node hidden(TransformerEncoder encoder, Node embeddings) {
        Node x = encoder.dropped("embeddings", encoder.norm("embeddings.LayerNorm", embeddings));
        for (int layer = 0; layer < encoder.config().layers(); layer++) {
            x = encoder.postNormLayer("transformer.layer." + layer + ".", LAYER, x, encoder.mask());
        }
        return x;
    }

    @Override
    public List<String> holders() {
        return List.of("distilbert.");
    }

    @Override
    public boolean isUnused(String name) {
        return UNUSED.matcher(name).matches();
    }

    @Override
    public TextFormat usualText() {
        return TextFormat.bert();
    }
}
