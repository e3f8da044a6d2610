package io.retort.chat;

import java.util.List;

/**
 * What a context got.
 *
 * @param ranked best first
 * @param tokens that the model read of the context
 */
public record Replies(List<RankedReply> ranked, int tokens, StageTimes times) {
    /** Nanoseconds that each stage took. */
    public record StageTimes(long tokenise, long encode, long search) {
        public long total() {
            return tokenise + encode + search;
        }
    }
}
