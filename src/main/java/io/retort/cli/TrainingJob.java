package io.retort.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.Release;
import io.retort.simd.Kernels;
import io.retort.simd.WorkerPool;
import io.retort.train.RunFolder;
import io.retort.train.TrainingResult;
import io.retort.train.TrainingRun;
import io.retort.train.TrainingSettings;
import io.retort.train.TrainingTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A training run by its settings, in a folder; Ctrl-C ends it with a checkpoint.
 *
 * @param effective settings
 * @param out       folder of the run
 * @param resume    whether it may hold a run to go on with
 */
record TrainingJob(TrainOptions.Effective effective, Path out, boolean resume) {
    /**
     * Trains.
     *
     * @param check looks at the task before the folder is touched
     */
    TrainingResult run(Consumer<TrainingTask> check) throws Exception {
        requireUsable(); // before minutes are spent on reading data
        TrainOptions options = effective.options();
        TrainingSettings settings = options.settings();
        int threads = options.model().threads.count();
        try (WorkerPool pool = new WorkerPool(threads);
                TrainingTask task = options.open(pool)) {
            check.accept(task);
            try (RunFolder folder = folder();
                    TrainingProgress progress = new TrainingProgress(settings.steps(), threads)) {
                return run(new TrainingRun(task, settings, folder, pool, List.of(progress)), progress);
            }
        }
    }

    private TrainingResult run(TrainingRun run, TrainingProgress progress) throws Exception {
        try (Interruption _ = new Interruption(run::stop)) {
            TrainingResult result = run.run(environment());
            if (result.ending() == TrainingResult.Ending.INTERRUPTED) tellInterrupted(progress, result);
            return result;
        }
    }

    private void requireUsable() throws IOException {
        if (resume) RunFolder.requireResumable(out, effective.config(), TrainOptions.FREE);
        else RunFolder.requireNew(out);
    }

    private RunFolder folder() throws IOException {
        return resume
                ? RunFolder.resume(out, effective.config(), TrainOptions.FREE)
                : RunFolder.create(out, effective.config());
    }

    /** Now: once the work has ended, an interrupted process has no time left to say anything. */
    private static void tellInterrupted(TrainingProgress progress, TrainingResult result) {
        progress.close();
        System.err.println("retort: stopped after step " + result.steps()
                + "; the same command (retort train: with --resume) goes on");
    }

    /** What results depend on beside the settings. */
    private Map<String, String> environment() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("made_by", Release.NAME);
        facts.put("java", Runtime.version().toString());
        facts.put("machine", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("kernels", Kernels.best().name());
        facts.put("engine", effective.options().model().engine().name());
        return facts;
    }
}
