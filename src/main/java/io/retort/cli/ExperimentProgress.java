package io.retort.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.Progress;
import io.retort.jobs.ExperimentJob;
import io.retort.jobs.TrainSettings;
import io.retort.learn.TrainingListener;
import io.retort.runtime.RetortRuntime;
import java.io.IOException;
import java.util.Optional;

/** Shows on the terminal how far an experiment has come. For use by one thread. */
final class ExperimentProgress implements ExperimentJob.Listener, AutoCloseable {
    private final int threads;
    private TrainingProgress training;
    private ProgressLine line;

    private ExperimentProgress(int threads) {
        this.threads = threads;
    }

    /**
     * Runs an experiment, which Ctrl-C ends with a checkpoint; returns what came of it, or empty if it was ended so.
     */
    static Optional<ExperimentJob.Result> watched(ExperimentJob job, RetortRuntime runtime) throws Exception {
        try (ExperimentProgress progress = new ExperimentProgress(runtime.threads());
                Interruption _ = new Interruption(job::stop)) {
            ExperimentJob.Result result = job.run(runtime, progress);
            if (!result.interrupted()) return Optional.of(result);
        }
        System.err.println("retort: stopped; the same command goes on");
        return Optional.empty();
    }

    /** The report of an experiment that came to its end. */
    static ObjectNode report(ExperimentJob.Result result) throws IOException {
        return (ObjectNode) new ObjectMapper().readTree(result.report().toFile());
    }

    @Override
    public void began(String name, int number, int of) {
        close();
        System.err.println("retort: " + name + " (" + number + " of " + of + ")");
    }

    @Override
    public TrainingListener training(TrainSettings settings) {
        close();
        training = new TrainingProgress(settings.loop().steps(), threads);
        return training;
    }

    @Override
    public Progress progress(String work, String items) {
        close();
        line = new ProgressLine(work, items);
        return line;
    }

    @Override
    public void noted(String note) {
        System.err.println("retort: " + note);
    }

    @Override
    public void close() {
        if (training != null) training.close();
        if (line != null) line.close();
        training = null;
        line = null;
    }
}
