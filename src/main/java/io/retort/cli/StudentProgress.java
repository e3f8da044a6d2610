package io.retort.cli;

import io.retort.jobs.TrainSettings;
import io.retort.learn.TrainingListener;

/** Shows on the terminal how far a job has come that trains students, among other things. For use by one thread. */
abstract class StudentProgress implements AutoCloseable {
    final StatusLine status;
    private final int threads;

    /**
     * @param status the line to be written to, which stays the caller's
     */
    StudentProgress(int threads, StatusLine status) {
        this.threads = threads;
        this.status = status;
    }

    public final TrainingListener training(TrainSettings settings) {
        return new TrainingProgress(settings.loop().steps(), threads, status);
    }

    public final void noted(String note) {
        status.say("retort: " + note);
    }

    @Override
    public final void close() {
        status.close();
    }
}
