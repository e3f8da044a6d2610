package io.retort.store;

import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.Similarity;
import io.retort.text.TextFormat;

/** Which texts an exported encoder reads, and so how its tokenizer and its prompts are set up. */
enum ExportedSide {
    CONTEXTS, REPLIES, BOTH;

    /** Returns the length in tokens of the longest text, special tokens included. */
    int maxTokens(TextFormat text) {
        return switch (this) {
            case CONTEXTS -> text.maxContextTokens();
            case REPLIES -> text.maxReplyTokens();
            case BOTH -> Math.max(text.maxContextTokens(), text.maxReplyTokens());
        };
    }

    /** Returns the end at which long texts are cut: contexts lose their oldest words, replies their last ones. */
    String truncationSide() {
        return this == CONTEXTS ? "left" : "right";
    }

    /** Returns the name of the prompt that stands before every text; null where it depends on the text. */
    String promptName() {
        return switch (this) {
            case CONTEXTS -> "query";
            case REPLIES -> "document";
            case BOTH -> null;
        };
    }

    /** Returns a model card that says how texts are to be written so that vectors equal Retort's. */
    String card(ModelConfig config) {
        TextFormat text = config.text();
        StringBuilder card = new StringBuilder();
        card.append("---\nlibrary_name: sentence-transformers\npipeline_tag: sentence-similarity\ntags:\n"
                + "- sentence-transformers\n- retort\n- dialogue\n---\n\n# ");
        card.append(switch (this) {
            case CONTEXTS -> "Encoder of dialogue contexts";
            case REPLIES -> "Encoder of replies";
            case BOTH -> "Encoder of dialogue contexts and replies";
        }).append("\n\nExported from Retort. Texts give the vectors that Retort computes, if they are written like "
                + "this:\n\n");
        if (this != REPLIES) {
            card.append("* A context is its turns, the oldest first, joined by `").append(text.turnSeparator())
                    .append("` with nothing around it: `\"").append(text.turnSeparator())
                    .append("\".join(turns)`. At most ").append(text.maxContextTokens())
                    .append(" tokens count, special ones included: leave out the oldest turns of longer contexts.\n");
        }
        if (this != CONTEXTS) {
            card.append("* A reply is its text. Retort reads its first ").append(text.maxReplyTokens())
                    .append(" tokens, special ones included")
                    .append(this == BOTH ? "; this encoder cuts no earlier than for contexts.\n" : ".\n");
        }
        card.append("* `encode_query` is for contexts, `encode_document` for replies.\n");
        card.append("* Texts must not contain the names of special tokens.\n\nReplies are ranked by ")
                .append(config.similarity() == Similarity.COSINE ? "cosine" : "dot product").append(".\n");
        if (config.similarity() == Similarity.DOT && config.outputScaling() != 1) {
            card.append("The last module multiplies vectors by ").append(config.outputScaling()).append(".\n");
        }
        return card.toString();
    }
}
