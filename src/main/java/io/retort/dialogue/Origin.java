package io.retort.dialogue;

/** Who wrote a reply. */
public enum Origin {
    /** The reply was said by a person in the dialogues. */
    ORIGINAL("original"),
    /** The reply was written by the generative teacher (data-level G2R, section 3.1 of the paper). */
    GENERATED("generated");

    private final String label;

    Origin(String label) {
        this.label = label;
    }

    /** How this origin is called in files. */
    public String label() {
        return label;
    }
}
