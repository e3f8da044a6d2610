package io.retort.model;

import io.retort.text.TextFormat;

/**
 * Everything about a retrieval model but its weights: {@code config.json}.
 *
 * @param kind what scores replies
 * @param tied whether contexts and replies share one encoder
 * @param head what makes a text's vector out of the encoder's outputs
 * @param outputScaling factor on both sides' vectors (0.06 in the paper's release); 1 with cosine similarity
 * @param codes learnt codes of a poly-encoder; 0 for a bi-encoder
 * @param text how texts become tokens
 */
public record ModelConfig(Kind kind, EncoderConfig encoder, boolean tied, VectorHead head, Similarity similarity,
        double outputScaling,
        int codes, TextFormat text) {

    private static final int MOST_CODES = 1 << 14;

    /**
     * @throws IllegalArgumentException if the settings contradict each other
     */
    public ModelConfig {
        if (codes < 0 || codes > MOST_CODES) {
            throw new IllegalArgumentException("codes " + codes + " is not between 0 and " + MOST_CODES);
        }
        if ((codes > 0) != (kind == Kind.POLY_ENCODER)) {
            throw new IllegalArgumentException(kind + " with " + codes + " codes");
        }
        if (!(outputScaling > 0) || Double.isInfinite(outputScaling)) {
            throw new IllegalArgumentException("output_scaling " + outputScaling + " is not positive");
        }
        if (similarity == Similarity.COSINE && outputScaling != 1) {
            throw new IllegalArgumentException("output_scaling has no effect on cosine similarity; leave it out");
        }
        if (kind == Kind.POLY_ENCODER && similarity == Similarity.COSINE) {
            throw new IllegalArgumentException("a poly-encoder scores by dot product, not by cosine");
        }
        if (head.normalized() && similarity != Similarity.COSINE) {
            throw new IllegalArgumentException("vectors of length 1 are compared by cosine, not by " + similarity);
        }
        if (kind == Kind.POLY_ENCODER && !head.isPlain()) {
            throw new IllegalArgumentException("a poly-encoder has one pooling and no layers after it");
        }
        head.requireFits(encoder.dim());
        int longest = Math.max(text.maxContextTokens(), text.maxReplyTokens());
        if (longest > encoder.maxTokens()) {
            throw new IllegalArgumentException(
                    "texts of " + longest + " tokens do not fit into " + encoder.maxTokens() + " positions");
        }
    }

    /** A model with one pooling and no layers after it. */
    public ModelConfig(Kind kind, EncoderConfig encoder, boolean tied, Pooling pooling, Similarity similarity,
            double outputScaling, int codes, TextFormat text) {
        this(kind, encoder, tied, VectorHead.of(pooling, similarity), similarity, outputScaling, codes, text);
    }

    /** Size of a text's vector, which is the encoder's own unless the head changes it. */
    public int dim() {
        return head.dim(encoder.dim());
    }

    /** With other lengths, prefixes or separators. */
    public ModelConfig withText(TextFormat other) {
        return new ModelConfig(kind, encoder, tied, head, similarity, outputScaling, codes, other);
    }

    /** The same encoder as a bi-encoder, with the similarity it has. */
    public ModelConfig asBiEncoder(boolean tie) {
        return new ModelConfig(Kind.BI_ENCODER, encoder, tie, head, similarity, outputScaling, 0, text);
    }

    /**
     * The same encoder as a poly-encoder, which scores by dot product.
     *
     * @throws IllegalArgumentException if the head is not {@linkplain VectorHead#isPlain() plain}
     */
    public ModelConfig asPolyEncoder(boolean tie, int learntCodes) {
        return new ModelConfig(Kind.POLY_ENCODER, encoder, tie, head.unnormalized(), Similarity.DOT, outputScaling,
                learntCodes, text);
    }

    /** How a model scores a reply for a context. */
    public enum Kind {
        /** One vector a side, one dot product: answers by search. */
        BI_ENCODER,
        /** A few vectors for the context, attended by each reply: better, and slower by a factor. */
        POLY_ENCODER
    }

    /** Prefix of the context encoder's parameter names. */
    String contextPrefix() {
        return tied ? "" : "context_encoder.";
    }

    /** Prefix of the reply encoder's parameter names. */
    String replyPrefix() {
        return tied ? "" : "reply_encoder.";
    }
}
