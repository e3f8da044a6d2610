package io.retort.jobs;

import io.retort.files.BadInput;
import io.retort.graph.ComputeRuntime;
import io.retort.learn.GeneratorTask;
import io.retort.learn.TrainingDiverged;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingResult;
import io.retort.learn.TrainingTask;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.teacher.remote.RemoteTeacherSettings;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Tunes a language model on dialogues, to write and to judge replies, in a folder that holds it in the end. A run that
 * was stopped or killed is resumed to the same weights, bit for bit. An object runs once.
 */
public final class TuneJob {
    private final TrainingSession session;

    private TuneJob(TuneSettings settings, Path out, boolean resume) {
        this.session = new TrainingSession(settings, out, resume);
    }

    /**
     * Prepares a tuning run that begins in a new folder.
     *
     * @param out a folder, new or empty
     */
    public static TuneJob begin(TuneSettings settings, Path out) {
        return new TuneJob(settings, out, false);
    }

    /**
     * Prepares a tuning run that goes on with what is in the folder, or begins if nothing is there.
     *
     * @param out a folder: new, empty, or of a run by the same settings
     */
    public static TuneJob resume(TuneSettings settings, Path out) {
        return new TuneJob(settings, out, true);
    }

    /**
     * Tunes until the end, or until {@link #stop()}; the folder is touched once model and data have been read.
     *
     * @param listener told of steps, validations and checkpoints on the calling thread; it stays the caller's
     * @throws BadInput         if model, data, settings and folder do not fit each other
     * @throws InvalidSetting   if no model or no data are named
     * @throws TrainingDiverged if a number is not finite
     */
    public TrainingResult run(RetortRuntime runtime, TrainingListener listener) throws IOException {
        return session.run(runtime, listener, _ -> {});
    }

    /** Ends the run after the step at work, with a checkpoint. Any thread may ask for it. */
    public void stop() {
        session.stop();
    }

    static TrainingTask open(TuneSettings settings, ComputeRuntime runtime, TrainingListener listener)
            throws IOException {
        TuneSettings.Data data = settings.data();
        InvalidSetting.unless(!settings.model().isEmpty(), "model", settings.model(),
                "name a GGUF file or a folder of the Hugging Face Hub");
        if (RemoteTeacherSettings.isAddress(settings.model())) {
            throw new InvalidSetting("model", settings.model(), "which is behind HTTP and cannot be trained",
                    "name a GGUF file or a folder of the Hugging Face Hub");
        }
        InvalidSetting.unless(!data.data().isEmpty(), "data", data.data(), "name files of dialogues");
        GeneratorTask task = GeneratorTask.open(Path.of(settings.model()), data.data(), data.validateOn(),
                data.validationCases(), settings.generator(), runtime.engine(), runtime.pool());
        for (String note : task.notes()) listener.noted(note);
        return task;
    }
}
