package io.retort.retrieval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/** BERT (Devlin et al. 2019): learned positions, token types, norms after each residual sum. */
class BertFamily extends PostNormFamily {
    static final TransformerEncoder.LayerNames LAYER = new TransformerEncoder.LayerNames("attention.self.query",
            "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm",
            "intermediate.dense", "output.dense", "output.LayerNorm");
    private static final Pattern UNUSED = Pattern
            .compile("pooler\\..*|cls\\..*|lm_head\\..*|embeddings\\.(position|token_type)_ids");

    BertFamily() {
        super(LAYER, "encoder.layer.", UNUSED);
    }

    @Override
    public List<String> modelTypes() {
        return List.of("bert");
    }

    @Override
    public EncoderConfig config(EncoderConfigJson file) {
        return new EncoderConfig(this, file.required("vocab_size"), file.required("hidden_size"),
                file.required("num_hidden_layers"), file.required("num_attention_heads"),
                file.required("intermediate_size"), file.required("max_position_embeddings"), firstPosition(file),
                file.required("type_vocab_size"), file.number("layer_norm_eps", 1e-12), file.activation("hidden_act"),
                Settings.NONE);
    }

    /** Returns the row of the first token's position. */
    int firstPosition(EncoderConfigJson file) {
        return 0;
    }

    @Override
    public SequencedMap<String, Object> json(EncoderConfig config) {
        SequencedMap<String, Object> fields = new LinkedHashMap<>();
        fields.put("architectures", List.of(architecture()));
        fields.put("model_type", modelTypes().getFirst());
        fields.put("vocab_size", config.vocabulary());
        fields.put("hidden_size", config.dim());
        fields.put("num_hidden_layers", config.layers());
        fields.put("num_attention_heads", config.heads());
        fields.put("intermediate_size", config.feedForward());
        fields.put("hidden_act", config.activation().hubName());
        fields.put("max_position_embeddings", config.positions());
        fields.put("type_vocab_size", config.tokenTypes());
        fields.put("layer_norm_eps", config.normEpsilon());
        fields.put("pad_token_id", padding(config));
        return fields;
    }

    /** Returns the id of the padding token. */
    int padding(EncoderConfig config) {
        return 0;
    }

    /** Returns the name of the class in transformers. */
    String architecture() {
        return "BertModel";
    }

    @Override
    public Tables tables() {
        return new Tables(EmbeddingTable.WORDS, EmbeddingTable.POSITIONS, EmbeddingTable.TYPES);
    }

    @Override
    public List<String> holders() {
        return List.of("bert.");
    }
}
