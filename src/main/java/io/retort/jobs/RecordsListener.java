package io.retort.jobs;

import io.retort.ingest.ReadingReport;

/**
 * Is told how a job that makes records goes. It is called often, on the thread that works, so it should be quick.
 *
 * @param <R> what a record is
 */
public interface RecordsListener<R> {
    /** A listener that ignores everything, for callers that do not watch. */
    static <R> RecordsListener<R> none() {
        return new RecordsListener<>() {
        };
    }

    /**
     * Called when more items of the input are done; the count includes those of earlier processes.
     *
     * @param total what {@code done} will reach
     */
    default void progress(long done, long total) {
    }

    /**
     * Called when more of the work is done, in items as well, but items under way count by the part that is done of
     * them, and long ones for more than short ones: the time that is left is told by these numbers.
     *
     * @param total what {@code done} will reach
     */
    default void effort(double done, double total) {
    }

    /** Called when the teacher has computed more tokens. */
    default void tokens(long more) {
    }

    /** Called before the work begins, once for each file of dialogues that has been read through. */
    default void read(ReadingReport report) {
    }

    /** Called when a record has been made, and written if there is a file for it. */
    default void made(R record) {
    }
}
