package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import java.util.List;

/** RoBERTa with pre-LN, RobertaPreLayerNorm on the Hub, which is also the shape of ParlAI's pretrained encoders. */
final class RobertaPreNormFamily extends RobertaFamily {
    private static final String ATTENTION_NORM = "attention.LayerNorm";
    private static final String FEED_FORWARD_NORM = "intermediate.LayerNorm";

    @Override
    public List<String> modelTypes() {
        return List.of("roberta-prelayernorm");
    }

    @Override
    String architecture() {
        return "RobertaPreLayerNormModel";
    }

    @Override
    public EncoderConfig.NormPlacement norms() {
        return EncoderConfig.NormPlacement.PRE;
    }

    @Override
    public Node hidden(TransformerEncoder encoder, Node embeddings) {
        Graph graph = encoder.graph();
        Node x = encoder.dropped("embeddings", encoder.norm("embeddings.LayerNorm", embeddings));
        for (int layer = 0; layer < encoder.config().layers(); layer++) {
            String name = "encoder.layer." + layer + ".";
            Node normed = encoder.norm(name + ATTENTION_NORM, x);
            Node attended = graph.add(encoder.attention(name, LAYER, normed, encoder.mask()), x);
            Node inner = encoder.norm(name + FEED_FORWARD_NORM, attended);
            x = graph.add(encoder.feedForward(name, LAYER, inner), attended);
        }
        return encoder.norm("LayerNorm", x);
    }

    @Override
    public List<String> holders() {
        return List.of("roberta_prelayernorm.");
    }
}
