package io.retort.retrieval;

import io.retort.graph.Node;
import io.retort.text.TextFormat;
import java.util.regex.Pattern;

/**
 * The shape of BERT and of the families that followed it: learned positions, and norms after each residual sum. What is
 * left to a family is its names, its configuration, and what attention sees beside the mask.
 */
abstract class PostNormFamily implements EncoderFamily {
    private final TransformerEncoder.LayerNames names;
    private final String layers;
    private final Pattern unused;

    /**
     * @param layers what the names of a layer's parameters begin with, before its number
     * @param unused names of tensors that {@link #isUnused} tells of
     */
    PostNormFamily(TransformerEncoder.LayerNames names, String layers, Pattern unused) {
        this.names = names;
        this.layers = layers;
        this.unused = unused;
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
        Node seen = seen(encoder);
        for (int layer = 0; layer < encoder.config().layers(); layer++) {
            x = encoder.postNormLayer(layers + layer + ".", names, x, seen);
        }
        return x;
    }

    /** Returns what is added to the logits of every layer's attention. */
    Node seen(TransformerEncoder encoder) {
        return encoder.mask();
    }

    @Override
    public boolean isUnused(String name) {
        return unused.matcher(name).matches();
    }

    @Override
    public TextFormat usualText() {
        return TextFormat.bert();
    }
}
