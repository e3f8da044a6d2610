package io.retort.safety;

import java.util.Optional;

/**
 * What a screen says of a text.
 *
 * @param category why it is stopped; empty if it passes
 * @param reason   what told so, for whoever looks after the bot; empty if it passes
 */
public record SafetyVerdict(Optional<SafetyCategory> category, String reason) {
    /** The verdict on a text that passes. */
    public static final SafetyVerdict PASSES = new SafetyVerdict(Optional.empty(), "");

    static SafetyVerdict stops(SafetyCategory category, String reason) {
        return new SafetyVerdict(Optional.of(category), reason);
    }

    /** Whether the text may be answered, or given as an answer. */
    public boolean passes() {
        return category.isEmpty();
    }
}
