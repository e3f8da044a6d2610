package io.retort.generate;

/** Why a completion ended. */
public enum StopReason {
    /** An end token. */
    END,
    /** A stop string. */
    STRING,
    /** It had as many tokens as it may have, or as the model has positions. */
    LENGTH,
    /** No token was left to choose: the {@link Constraints} forbade all of them. */
    BLOCKED
}
