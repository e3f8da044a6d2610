package io.retort.jobs;

import java.util.Locale;

/** The stages of a {@link DistillJob}, in their order. Without a teacher there are none that ask one. */
public enum DistillStage {
    /** Dialogues are read, some of them are held out, and tests are made of those. */
    CONVERT("bytes"),
    /** The teacher answers the contexts of the others. */
    GENERATE("contexts"),
    /** The teacher judges all replies, people's and its own. */
    SCORE("contexts"),
    /** A student learns from both. */
    TRAIN("steps"),
    /** The student encodes all replies. */
    INDEX("replies"),
    /** The student is measured and answers some contexts. */
    REPORT("texts");

    private final String items;

    DistillStage(String items) {
        this.items = items;
    }

    /** What is counted while the stage is at work, in the plural. */
    public String items() {
        return items;
    }

    /** The stage's name for people and in files. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
