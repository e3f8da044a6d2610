package io.retort.files;

/**
 * Listens to how far long work has come; the command line shows it with speed and time left. It is called often, from
 * the thread that works, and so must be quick.
 */
@FunctionalInterface
public interface Progress {
    /** A progress that ignores every report, for callers that do not watch. */
    Progress NONE = (done, total) -> {};

    /**
     * Reports how much of the work is done so far.
     *
     * @param total what {@code done} will reach, or −1 if nobody knows
     */
    void update(long done, long total);
}
