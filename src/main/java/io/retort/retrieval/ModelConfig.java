package io.retort.retrieval;

import io.retort.text.TextFormat;

/**
 * Everything about a retrieval model but its weights, as its {@code config.json} holds it.
 *
 * @param form how replies are scored
 * @param tied whether contexts and replies share one encoder
 * @param head what makes a text's vector out of the encoder's outputs
 * @param outputScaling factor on both sides' vectors (0.06 in the paper's release); 1 with cosine similarity
 * @param text how texts become tokens
 */
public record ModelConfig(ScoringForm form, EncoderConfig encoder, boolean tied, VectorHead head,
        Similarity similarity, double outputScaling, TextFormat text) {

    /**
     * Checks that the settings fit each other.
     *
     * @throws IllegalArgumentException if the settings contradict each other
     */
    public ModelConfig {
        if (!(outputScaling > 0) || Double.isInfinite(outputScaling)) {
            throw new IllegalArgumentException("output_scaling " + outputScaling + " is not positive");
        }
        if (similarity == Similarity.COSINE && outputScaling != 1) {
            throw new IllegalArgumentException("output_scaling has no effect on cosine similarity; leave it out");
        }
        if (!form.takes(similarity)) {
            throw new IllegalArgumentException("a " + form.kind().name() + " does not score by " + similarity);
        }
        if (head.normalized() && similarity != Similarity.COSINE) {
            throw new IllegalArgumentException("vectors of length 1 are compared by cosine, not by " + similarity);
        }
        if (form.contextVectors().isPresent() && !head.isPlain()) {
            throw new IllegalArgumentException("a " + form.kind().name() + " has one pooling and no layers after it");
        }
        head.requireFits(encoder.dim());
        int longest = Math.max(text.maxContextTokens(), text.maxReplyTokens());
        if (longest > encoder.maxTokens()) {
            throw new IllegalArgumentException(
                    "texts of " + longest + " tokens do not fit into " + encoder.maxTokens() + " positions");
        }
    }

    /** Describes a model with a single pooling and no layers after it. */
    public ModelConfig(ScoringForm form, EncoderConfig encoder, boolean tied, Pooling pooling, Similarity similarity,
            double outputScaling, TextFormat text) {
        this(form, encoder, tied, VectorHead.of(pooling, similarity), similarity, outputScaling, text);
    }

    /** Returns the size of a text's vector, which is the encoder's own unless the head changes it. */
    public int dim() {
        return head.dim(encoder.dim());
    }

    /** Returns the same model with another text format: lengths, prefixes or separators. */
    public ModelConfig withText(TextFormat other) {
        return new ModelConfig(form, encoder, tied, head, similarity, outputScaling, other);
    }

    /**
     * Returns a model of the same encoder that scores by another form. It keeps its similarity if the form takes that
     * one.
     *
     * @throws IllegalArgumentException if the form makes several vectors of a context, and the head is not {@linkplain
     *     VectorHead#isPlain() plain}
     */
    public ModelConfig as(ScoringForm other, boolean tie) {
        Similarity measure = other.takes(similarity) ? similarity : other.usualSimilarity();
        VectorHead kept = measure == Similarity.COSINE ? head : head.unnormalized();
        return new ModelConfig(other, encoder, tie, kept, measure, outputScaling, text);
    }

    /** Returns the shape of what the context encoder makes of so many contexts. */
    int[] contextShape(int contexts) {
        return form.contextVectors().map(vectors -> new int[]{contexts, vectors.count(), encoder.dim()})
                .orElseGet(() -> new int[]{contexts, dim()});
    }

    /** Returns the prefix of the names of the context encoder's parameters. */
    public String contextPrefix() {
        return tied ? "" : "context_encoder.";
    }

    /** Returns the prefix of the names of the reply encoder's parameters. */
    public String replyPrefix() {
        return tied ? "" : "reply_encoder.";
    }
}
