package io.retort.dialogue;

/**
 * An entry of a {@link ResponseSet}.
 *
 * @param text the spelling that came first
 * @param origin {@link Origin#ORIGINAL} if a person gave the reply at least once
 * @param count how often it was added, in any spelling
 */
public record Reply(String text, Origin origin, int count) {
    Reply again(Origin by) {
        return new Reply(text, by == Origin.ORIGINAL ? by : origin, count + 1);
    }
}
