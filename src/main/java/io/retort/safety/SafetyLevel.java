package io.retort.safety;

import java.util.EnumSet;
import java.util.Set;

/** How strict a screen is. */
public enum SafetyLevel {
    /** Nothing is looked at, and nothing stopped. */
    OFF(Set.of(), Set.of()),
    /**
     * Coarse words pass where a person says them, and are not given in reply; so does what only the classifier takes
     * for provocation, which sounds to it like any question of facts.
     */
    STANDARD(EnumSet.complementOf(EnumSet.of(SafetyCategory.PROFANITY, SafetyCategory.SENSITIVE,
            SafetyCategory.PROVOCATION)),
            EnumSet.complementOf(EnumSet.of(SafetyCategory.SENSITIVE, SafetyCategory.LANGUAGE))),
    /** Coarse words are stopped from either side; replies keep off grave topics. */
    STRICT(EnumSet.complementOf(EnumSet.of(SafetyCategory.SENSITIVE)), EnumSet.allOf(SafetyCategory.class));

    private final Set<SafetyCategory> turns, replies;

    SafetyLevel(Set<SafetyCategory> turns, Set<SafetyCategory> replies) {
        this.turns = turns;
        this.replies = replies;
    }

    /** Whether a category is stopped where a person says it. */
    boolean stopsTurn(SafetyCategory category) {
        return turns.contains(category);
    }

    /** Whether a category is stopped where it would be answered. */
    boolean stopsReply(SafetyCategory category) {
        return replies.contains(category);
    }
}
