package io.retort.store;

import io.retort.tensor.WrapperPrefixes;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How the Hugging Face Hub's models of the BERT family call their parameters, brought to the names of a bare BertModel.
 */
final class BertNames {
    /** Prefixes of models that hold an encoder as a part. */
    private static final List<String> HOLDERS = List.of("0.auto_model.", "0.model.", "auto_model.", "bert.", "roberta.",
            "distilbert.", "roberta_prelayernorm.");
    /** Parts of the checkpoint that an encoder of texts does not use. */
    private static final Pattern UNUSED = Pattern.compile("pooler\\..*|cls\\..*|lm_head\\..*|embeddings\\.position_ids"
            + "|embeddings\\.token_type_ids|vocab_(transform|layer_norm|projector)\\..*");
    /** What DistilBERT calls the parts of BERT's layers. */
    private static final Map<String, String> DISTILBERT = Map.of(".attention.q_lin.", ".attention.self.query.",
            ".attention.k_lin.", ".attention.self.key.", ".attention.v_lin.", ".attention.self.value.",
            ".attention.out_lin.", ".attention.output.dense.", ".sa_layer_norm.", ".attention.output.LayerNorm.",
            ".ffn.lin1.", ".intermediate.dense.", ".ffn.lin2.", ".output.dense.", ".output_layer_norm.",
            ".output.LayerNorm.");

    private BertNames() {}

    private static String without(List<String> prefixes, String name) {
        for (String prefix : prefixes) if (name.startsWith(prefix)) return name.substring(prefix.length());
        return name;
    }

    /** The name that our graphs use for a parameter of an encoder. */
    static String canonical(String name) {
        String before;
        String bare = name;
        do {
            before = bare;
            bare = without(HOLDERS, WrapperPrefixes.strip(bare));
        } while (!bare.equals(before));
        if (bare.startsWith("transformer.layer.")) bare = distilBert(bare);
        // TensorFlow's names of layer normalisation, in checkpoints that came from it.
        return bare.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias");
    }

    private static String distilBert(String name) {
        for (Map.Entry<String, String> part : DISTILBERT.entrySet()) {
            if (name.contains(part.getKey())) {
                return name.replace(part.getKey(), part.getValue()).replaceFirst("^transformer", "encoder");
            }
        }
        return name;
    }

    /** Whether a canonical name is known to be of no use here. */
    static boolean isUnused(String canonical) {
        return UNUSED.matcher(canonical).matches();
    }
}
