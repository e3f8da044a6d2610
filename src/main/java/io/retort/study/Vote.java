package io.retort.study;

import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * What one judge answered to one item.
 *
 * @param judge  who
 * @param item   its id
 * @param answer one of the form's, by sides as they were shown
 * @param at     when it was given
 * @param millis from when the item was handed out; empty if that is not known
 */
public record Vote(String judge, String item, String answer, Instant at, OptionalLong millis) {
    public Vote {
        Objects.requireNonNull(judge, "judge");
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(answer, "answer");
        Objects.requireNonNull(at, "at");
    }
}
