package io.retort.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.Progress;
import io.retort.jobs.ExperimentJob;
import io.retort.runtime.RetortRuntime;
import java.io.IOException;
import java.util.Optional;

/** Shows on the terminal how far an experiment has come. For use by one thread. */
final class ExperimentProgress extends StudentProgress implements ExperimentJob.Listener {
    ExperimentProgress(int threads, StatusLine status) {
        super(threads, status);
    }

    /**
     * Runs an experiment, which Ctrl-C ends with a checkpoint; returns what came of it, or empty if it was ended so.
     */
    static Optional<ExperimentJob.Result> watched(ExperimentJob job, RetortRuntime runtime) throws Exception {
        StatusLine status = new StatusLine();
        try (ExperimentProgress progress = new ExperimentProgress(runtime.threads(), status);
                Interruption _ = Interruption.waiting(status, "the step at work", job::stop)) {
            ExperimentJob.Result result = job.run(runtime, progress);
            if (!result.interrupted()) return Optional.of(result);
            status.clear();
            status.say("retort: " + Interruption.goingOn("stopped", Invocation.current()));
            return Optional.empty();
        }
    }

    /** The report of an experiment that came to its end. */
    static ObjectNode report(ExperimentJob.Result result) throws IOException {
        return (ObjectNode) new ObjectMapper().readTree(result.report().toFile());
    }

    @Override
    public void began(String name, int number, int of) {
        status.stage(number, of);
        status.say("retort: " + name + " (" + number + " of " + of + ")");
    }

    @Override
    public Progress progress(String work, String items) {
        return new ProgressLine(work, items, status).begun();
    }
}
