package io.retort.jobs;

/**
 * Told how a job that makes records goes. Called from the working thread, often: be quick.
 *
 * @param <R> what a record is
 */
public interface RecordsListener<R> {
    /** For callers that do not watch. */
    static <R> RecordsListener<R> none() {
        return new RecordsListener<>() {
        };
    }

    /**
     * Items of the input that are done, those of earlier processes included.
     *
     * @param total what {@code done} will reach
     */
    default void progress(long done, long total) {
    }

    /** More tokens have been computed. */
    default void tokens(long more) {
    }

    /** A record has been made, and written if there is a file for it. */
    default void made(R record) {
    }
}
