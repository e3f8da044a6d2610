package io.retort.dialogue;

/** Who wrote a reply. */
public enum Origin {
    /** A person, in the dialogues. */
    ORIGINAL("original"),
    /** The generative teacher (data-level G2R, section 3.1 of the paper). */
    GENERATED("generated");

    private final String label;

    Origin(String label) {
        this.label = label;
    }

    /** Its name in files. */
    public String label() {
        return label;
    }
}
