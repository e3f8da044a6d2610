package io.retort.files;

/** What this program calls itself, on the command line and in what it makes. */
public final class RetortVersion {
    /** Name and version. */
    public static final String NAME = "retort 0.1.0";

    private RetortVersion() {
    }
}
