package io.retort.learn;

import java.util.Locale;

/** What a student learns from: the rows of the paper's table 1, whichever of the teacher's scores counts. */
public enum TrainingMethod {
    /** Training on original replies alone, without the teacher. */
    BASELINE,
    /** Data-level G2R: the teacher's replies are positives as well. */
    G2R_D,
    /** Data-level and model-level G2R: the teacher's replies are positives, and its scores count, too. */
    G2R_DM;

    /** The name in lower case with hyphens, as settings and files write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
