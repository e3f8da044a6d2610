package io.retort.model;

import io.retort.text.TextFormat;

/**
 * Everything about a retrieval model but its weights: {@code config.json}.
 *
 * @param form how replies are scored
 * @param tied whether contexts and replies share one encoder
 * @param outputScaling factor on both sides' vectors (0.06 in the paper's release); 1 with cosine similarity
 * @param text how texts become tokens
 */
public record ModelConfig(ScoringForm form, EncoderConfig encoder, boolean tied, Pooling pooling, Similarity similarity,
        double outputScaling, TextFormat text) {

    /**
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
        int longest = Math.max(text.maxContextTokens(), text.maxReplyTokens());
        if (longest > encoder.maxTokens()) {
            throw new IllegalArgumentException(
                    "texts of " + longest + " tokens do not fit into " + encoder.maxTokens() + " positions");
        }
    }

    /** With other lengths, prefixes or separators. */
    public ModelConfig withText(TextFormat other) {
        return new ModelConfig(form, encoder, tied, pooling, similarity, outputScaling, other);
    }

    /** The same encoder, which scores otherwise; by the similarity that it has, if the form takes that. */
    public ModelConfig as(ScoringForm other, boolean tie) {
        Similarity measure = other.takes(similarity) ? similarity : other.usualSimilarity();
        return new ModelConfig(other, encoder, tie, pooling, measure, outputScaling, text);
    }

    /** The shape of what the context encoder makes of so many contexts. */
    int[] contextShape(int contexts) {
        return form.contextVectors().map(vectors -> new int[]{contexts, vectors.count(), encoder.dim()})
                .orElseGet(() -> new int[]{contexts, encoder.dim()});
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
