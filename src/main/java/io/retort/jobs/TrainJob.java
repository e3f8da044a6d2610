package io.retort.jobs;

import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.graph.ComputeRuntime;
import io.retort.learn.RetrievalTask;
import io.retort.learn.TrainingDiverged;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingResult;
import io.retort.learn.TrainingTask;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Trains a retrieval student, on dialogues or on what a teacher made of them, in a folder that holds the model in the
 * end. A run that was stopped or killed is resumed to the same weights, bit for bit. An object runs once.
 */
public final class TrainJob {
    private final TrainSettings settings;
    private final TrainingSession session;

    private TrainJob(TrainSettings settings, Path out, boolean resume) {
        this.settings = settings;
        this.session = new TrainingSession(settings, out, resume);
    }

    /**
     * Prepares a training run that begins in a new folder.
     *
     * @param out a folder, new or empty
     */
    public static TrainJob begin(TrainSettings settings, Path out) {
        return new TrainJob(settings, out, false);
    }

    /**
     * Prepares a training run that goes on with what is in the folder, or begins if nothing is there.
     *
     * @param out a folder: new, empty, or of a run by the same settings
     */
    public static TrainJob resume(TrainSettings settings, Path out) {
        return new TrainJob(settings, out, true);
    }

    /**
     * Trains until the end, or until {@link #stop()}; the folder is touched once model and data have been read. A student
     * that was validated is calibrated in the end on the same tests.
     *
     * @param listener told of steps, validations and checkpoints on the calling thread; it stays the caller's
     * @throws BadInput         if model, data, settings and folder do not fit each other
     * @throws InvalidSetting   if no data are named
     * @throws TrainingDiverged if a number is not finite
     */
    public TrainingResult run(RetortRuntime runtime, TrainingListener listener) throws IOException {
        TrainingResult result = session.run(runtime, listener, _ -> {});
        if (result.ending() != TrainingResult.Ending.INTERRUPTED && !settings.data().validateOn().isEmpty()) {
            calibrate(result.model(), runtime, listener);
        }
        return result;
    }

    /** Finds out what the scores of the student mean, for whoever chats with it. */
    private void calibrate(Path model, RetortRuntime runtime, TrainingListener listener) throws IOException {
        TrainSettings.Data data = settings.data();
        try {
            new CalibrateJob(CalibrateSettings.defaults().withModel(model.toString()).withHistory(data.history())
                    .withData(data.validateOn(), Optional.of(data.validationCases())))
                    .run(runtime, EvaluateJob.Listener.NONE);
        } catch (BadInput e) {
            listener.noted("the student has no score floor: " + e.getMessage());
        }
    }

    /** Ends the run after the step at work, with a checkpoint. Any thread may ask for it. */
    public void stop() {
        session.stop();
    }

    static TrainingTask open(TrainSettings settings, ComputeRuntime runtime, TrainingListener listener)
            throws IOException {
        TrainSettings.Data data = settings.data();
        InvalidSetting.unless(!data.data().isEmpty(), "data", data.data(), "name files of dialogues or distilled data");
        ModelFolder base = ModelLookup.find(settings.model(), news -> note(listener, news));
        RetrievalTask task = RetrievalTask.open(base, data.data(), data.validateOn(), data.validationCases(),
                settings.retrieval(base.config()), runtime.engine(), runtime.pool());
        task.notes().forEach(each -> note(listener, each));
        return task;
    }

    private static void note(TrainingListener listener, String note) {
        try {
            listener.noted(note);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
