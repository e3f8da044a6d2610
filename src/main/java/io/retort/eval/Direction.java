package io.retort.eval;

/** Which way a metric improves. */
public enum Direction {
    GREATER_IS_BETTER, SMALLER_IS_BETTER,
    /** It describes, and does not judge. */
    NEITHER
}
