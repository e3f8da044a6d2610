package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingResult;
import io.retort.learn.TrainingSources;
import io.retort.learn.WeightComparison;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.SettingsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Trains a model again, by the settings that its folder keeps and from the same data, and compares the weights. One run
 * an object.
 */
public final class ReproduceJob {
    private static final String WEIGHTS = "model.safetensors";

    private final Path original;
    private final Path out;
    private final RunSettings settings;
    private final TrainingSession session;

    private ReproduceJob(Path original, Path out, RunSettings settings) {
        this.original = original;
        this.out = out;
        this.settings = settings;
        this.session = new TrainingSession(settings.task(), out, true);
    }

    /**
     * What came of training a model again.
     *
     * @param training of the new run
     * @param weights  those of both runs compared; empty if the new one was stopped
     */
    public record Result(TrainingResult training, Optional<WeightComparison> weights) {
    }

    /**
     * Prepares the repetition of a run by the settings that its folder keeps.
     *
     * @param original the folder of a run that has ended
     * @param out      the folder to train in: new, empty, or of a reproduction that was interrupted
     * @throws BadInput if there is no such run
     */
    public static ReproduceJob of(Path original, Path out) throws IOException {
        RunSettings settings = RunSettings.read(original);
        if (!Files.isRegularFile(original.resolve(WEIGHTS))) {
            throw BadInput.in(original, "its training has not ended", "resume it first");
        }
        return new ReproduceJob(original, out, settings);
    }

    /** The settings, those of the runtime included, by which the run is reproduced; other engines round differently. */
    public RunSettings settings() {
        return settings;
    }

    /**
     * Trains the model again and compares its weights with the original's.
     *
     * @param listener told of the training on the calling thread; it stays the caller's
     * @throws BadInput if data or parents are not those of the original run
     */
    public Result run(RetortRuntime runtime, TrainingListener listener) throws IOException {
        ObjectNode provenance = SettingsFile.read(original.resolve("provenance.json"));
        TrainingResult training = session.run(runtime, listener, sources -> {
            requireSame(sources.data(), provenance.path("data"), "sha256");
            requireSame(sources.parents(), provenance.path("parents"), "fingerprint");
        });
        if (training.ending() == TrainingResult.Ending.INTERRUPTED) return new Result(training, Optional.empty());
        return new Result(training,
                Optional.of(WeightComparison.of(original.resolve(WEIGHTS), out.resolve(WEIGHTS))));
    }

    /** Refuses data that have changed since the original run, since other data make another model. */
    private void requireSame(List<TrainingSources.Source> now, JsonNode then, String digest) {
        Set<String> digests = new HashSet<>();
        then.forEach(source -> digests.add(source.path(digest).asText()));
        for (TrainingSources.Source source : now) {
            if (digests.contains(source.digest())) continue;
            throw BadInput.of(source.name() + " is not what " + original + " was trained with",
                    "put the file back whose " + digest + " its provenance.json tells");
        }
    }

    /** Ends the training after the step at work, with a checkpoint. Any thread may ask for it. */
    public void stop() {
        session.stop();
    }
}
