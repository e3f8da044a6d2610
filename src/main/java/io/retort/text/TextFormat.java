package io.retort.text;

import io.retort.files.BadInput;

/**
 * How contexts and replies are written as token ids: part of a model's config, strings and numbers only. A token or
 * prefix that a model does not use is the empty string.
 *
 * @param startToken put once before everything ({@code [CLS]})
 * @param endToken put once after everything ({@code [SEP]})
 * @param turnSeparator token between two turns of a context ({@code [SEP]}), or several with blanks between them
 * @param padToken fills batches up; masked out, so any token serves
 * @param maxContextTokens longest context, special tokens and prefix included
 * @param maxReplyTokens longest reply, special tokens and prefix included
 * @param contextPrefix text put before the oldest turn that is kept ({@code "query: "} for E5)
 * @param replyPrefix text put before a reply ({@code "passage: "} for E5)
 */
public record TextFormat(String startToken, String endToken, String turnSeparator, String padToken,
        int maxContextTokens, int maxReplyTokens, String contextPrefix, String replyPrefix) {
    /**
     * Checks that there is a padding token and room for text.
     *
     * @throws BadInput if there is no padding token, or no room for text
     */
    public TextFormat {
        if (padToken.isEmpty()) throw BadInput.of("the text format names no padding token", "set `padToken`");
        requireRoom("maxContextTokens", maxContextTokens, startToken, endToken);
        requireRoom("maxReplyTokens", maxReplyTokens, startToken, endToken);
    }

    /** The BERT family's tokens, contexts of 128 and replies of 64 tokens. */
    public static TextFormat bert() {
        return new TextFormat("[CLS]", "[SEP]", "[SEP]", "[PAD]", 128, 64, "", "");
    }

    /** This format with other lengths, in tokens, special ones and prefixes included. */
    public TextFormat withLengths(int contextTokens, int replyTokens) {
        return new TextFormat(startToken, endToken, turnSeparator, padToken, contextTokens, replyTokens, contextPrefix,
                replyPrefix);
    }

    /** This format with other prefixes before contexts and replies. */
    public TextFormat withPrefixes(String ofContexts, String ofReplies) {
        return new TextFormat(startToken, endToken, turnSeparator, padToken, maxContextTokens, maxReplyTokens,
                ofContexts, ofReplies);
    }

    private static void requireRoom(String name, int limit, String start, String end) {
        int needed = 1 + (start.isEmpty() ? 0 : 1) + (end.isEmpty() ? 0 : 1);
        if (limit < needed) {
            throw BadInput.of("`" + name + "` is " + limit, "set it to " + needed + " or more, so that text fits in");
        }
    }
}
