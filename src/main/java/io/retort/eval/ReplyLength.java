package io.retort.eval;

import java.util.List;

import io.retort.text.CasualTokenizer;

/**
 * Mean length of replies in {@link CasualTokenizer casual tokens} (section 4 of the paper), with Student's interval.
 */
public record ReplyLength() {
    /** The metric's key in reports. */
    public String key() {
        return "length";
    }

    /** Length only describes: long replies are not better replies. */
    public Direction direction() {
        return Direction.NEITHER;
    }

    /** Mean length of at least one reply. */
    public Estimate of(List<String> replies) {
        return Mean.of(replies.stream().mapToDouble(reply -> CasualTokenizer.tokens(reply).size()).toArray());
    }
}
