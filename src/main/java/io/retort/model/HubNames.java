package io.retort.model;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What the Hugging Face Hub's models of the BERT family call their parameters, brought to the names of a bare
 * BertModel.
 */
final class HubNames {
    /** Prefixes of models that hold the encoder as a part. */
    private static final List<String> WRAPPERS = List.of("0.auto_model.", "auto_model.", "model.", "bert.",
            "roberta_prelayernorm.");
    /** Parts of the checkpoint that an encoder of texts does not use. */
    private static final Pattern UNUSED = Pattern
            .compile("pooler\\..*|cls\\..*|lm_head\\..*|embeddings\\.position_ids|embeddings\\.token_type_ids");

    private HubNames() {}

    /** The name that our graphs use. */
    static String canonical(String name) {
        String bare = name;
        for (String wrapper : WRAPPERS) {
            if (bare.startsWith(wrapper)) bare = bare.substring(wrapper.length());
        }
        // TensorFlow's names of layer normalisation, in checkpoints that came from it.
        return bare.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias");
    }

    /** Whether a canonical name is known to be of no use here. */
    static boolean isUnused(String canonical) {
        return UNUSED.matcher(canonical).matches();
    }
}
