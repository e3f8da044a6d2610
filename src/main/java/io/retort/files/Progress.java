package io.retort.files;

/**
 * Told how far long work has come; the command line shows it with speed and time left. Called from the working thread,
 * often: be quick.
 */
@FunctionalInterface
public interface Progress {
    /** For callers that do not watch. */
    Progress NONE = (done, total) -> {};

    /**
     * @param total what {@code done} will reach, or −1 if nobody knows
     */
    void update(long done, long total);
}
