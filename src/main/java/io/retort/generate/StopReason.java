package io.retort.generate;

/** Why the generation of a completion ended. */
public enum StopReason {
    /** The model chose an end token. */
    END,
    /** The text came to hold a stop string. */
    STRING,
    /** The completion had as many tokens as it may have, or as the model has positions for. */
    LENGTH,
    /** No token was left to choose: the {@link Constraints} forbade all of them. */
    BLOCKED
}
