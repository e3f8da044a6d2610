package io.retort.files;

/** The name and version by which this program calls itself, on the command line and in what it makes. */
public final class RetortVersion {
    /** Name and version. */
    public static final String NAME = "retort 0.1.0";

    private RetortVersion() {
    }
}
