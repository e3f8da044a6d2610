package io.retort.reply;

import io.retort.safety.SafetyVerdict;
import java.util.OptionalDouble;

/** What a conversation says to a turn, and why. */
public sealed interface ChatReply {
    /** What is said. */
    String text();

    /**
     * A reply out of the index.
     *
     * @param reply      the best one
     * @param score      the model's own of it, by which floors go
     * @param confidence that it fits, 0 to 1; empty where nobody knows what scores mean
     */
    record Found(RankedReply reply, double score, OptionalDouble confidence) implements ChatReply {
        @Override
        public String text() {
            return reply.text();
        }
    }

    /**
     * One of the fixed answers.
     *
     * @param name     of the answer
     * @param phrasing which of its phrasings the turn was
     */
    record Fixed(String name, String phrasing, String text) implements ChatReply {
    }

    /**
     * A fallback: the best reply scored too low.
     *
     * @param text    what is said
     * @param instead the reply in whose place it is said
     * @param floor   the score that the reply does not reach
     */
    record Fallback(String text, Found instead, double floor) implements ChatReply {
    }

    /**
     * What is said where a safety screen stopped a person's turn.
     *
     * @param verdict why it did
     */
    record Guarded(String text, SafetyVerdict verdict) implements ChatReply {
    }
}
