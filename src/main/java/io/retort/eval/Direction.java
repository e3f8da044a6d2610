package io.retort.eval;

/** Which way a metric improves. */
public enum Direction {
    GREATER_IS_BETTER, SMALLER_IS_BETTER,
    /** The metric describes replies and does not judge them. */
    NEITHER
}
