package io.retort.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.RetortVersion;
import io.retort.graph.ComputeRuntime;
import io.retort.learn.RunFolder;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingResult;
import io.retort.learn.TrainingRun;
import io.retort.learn.TrainingSources;
import io.retort.learn.TrainingTask;
import io.retort.runtime.RetortRuntime;
import io.retort.simd.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One training run, whatever is trained: it reads model and data, then touches the folder, then trains. {@link #stop()}
 * may be called from any thread, before the run begins as well.
 */
final class TrainingSession {
    private final TaskSettings settings;
    private final Path out;
    private final boolean resume;
    private TrainingRun run;
    private boolean stopping;

    /**
     * @param out    folder of the run
     * @param resume whether it may hold a run to go on with
     */
    TrainingSession(TaskSettings settings, Path out, boolean resume) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        if (out == null) throw new IllegalArgumentException("out is null");
        this.settings = settings;
        this.out = out;
        this.resume = resume;
    }

    /**
     * Trains until the run ends or is stopped.
     *
     * @param listener told of everything; it stays the caller's
     * @param check    looks at what goes into the model before the folder is touched
     */
    TrainingResult run(RetortRuntime runtime, TrainingListener listener, Consumer<TrainingSources> check)
            throws IOException {
        ComputeRuntime compute = ComputeRuntime.of(runtime);
        RunSettings run = RunSettings.of(settings, runtime);
        requireUsable(run); // before minutes are spent on reading data
        try (TrainingTask task = open(settings, compute, listener)) {
            check.accept(task.sources());
            try (RunFolder folder = folder(run)) {
                TrainingRun begun = new TrainingRun(task, settings.loop().with(settings.optimizer()), folder,
                        compute.pool(), List.of(listener));
                begin(begun);
                return begun.run(environment(compute));
            }
        }
    }

    private synchronized void begin(TrainingRun begun) {
        run = begun;
        if (stopping) begun.stop();
    }

    /** Asks the run to end after the step at work, with a checkpoint. */
    synchronized void stop() {
        stopping = true;
        if (run != null) run.stop();
    }

    /** Opens the task that the settings describe, ready for its first step. */
    static TrainingTask open(TaskSettings settings, ComputeRuntime runtime, TrainingListener listener)
            throws IOException {
        Optional<String> note = settings.loop().note(settings.optimizer());
        if (note.isPresent()) listener.noted(note.get());
        return switch (settings) {
            case TrainSettings train -> TrainJob.open(train, runtime, listener);
            case TuneSettings tune -> TuneJob.open(tune, runtime, listener);
        };
    }

    private void requireUsable(RunSettings run) throws IOException {
        if (resume) RunFolder.requireResumable(out, run.json(), RunSettings.free(), begun -> rewritten(begun, run));
        else RunFolder.requireNew(out);
    }

    private RunFolder folder(RunSettings run) throws IOException {
        return resume
                ? RunFolder.resume(out, run.json(), RunSettings.free(), begun -> rewritten(begun, run))
                : RunFolder.create(out, run.json());
    }

    private ObjectNode rewritten(ObjectNode begun, RunSettings now) {
        return RunSettings.rewritten(begun, now, out);
    }

    /** The facts on the machine and the software that results depend on beside the settings. */
    private static Map<String, String> environment(ComputeRuntime runtime) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("made_by", RetortVersion.NAME);
        facts.put("java", Runtime.version().toString());
        facts.put("machine", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("kernels", Kernels.best().name());
        facts.put("engine", runtime.engineName());
        return facts;
    }
}
