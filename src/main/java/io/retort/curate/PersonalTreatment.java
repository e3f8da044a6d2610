package io.retort.curate;

/** What becomes of a turn in which personal data were found. */
public enum PersonalTreatment {
    /** They are counted, and stay. */
    KEEP,
    /** A mark that tells their kind takes their place, such as {@code [email]}. */
    MASK,
    /** The turn is left out, and its dialogue cut in two there, so that no reply gets a context it did not have. */
    DROP,
    /** The whole dialogue is left out. */
    DROP_DIALOGUE
}
