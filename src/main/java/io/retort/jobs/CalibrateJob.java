package io.retort.jobs;

import io.retort.dialogue.RankingCase;
import io.retort.eval.RankingRun;
import io.retort.eval.ScoredCase;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.graph.ComputeRuntime;
import io.retort.reply.ScoreCalibration;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Finds out what a student's scores mean, on contexts that it was not trained on, and writes that into its folder: the
 * score below which a random reply is as likely as a fitting one is the floor of its chats.
 */
public final class CalibrateJob {
    private final CalibrateSettings settings;

    /** Prepares a calibration with these settings; nothing is read yet. */
    public CalibrateJob(CalibrateSettings settings) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        this.settings = settings;
    }

    /**
     * What came of a calibration.
     *
     * @param file        that holds it
     * @param calibration of the student
     */
    public record Result(Path file, ScoreCalibration calibration) {
    }

    /**
     * Scores fitting and random replies, and writes what tells them apart.
     *
     * @param listener its progress counts texts
     * @throws BadInput       if a file is not what it should be, or no score tells fitting replies from random ones
     * @throws InvalidSetting if no model or no data are named
     */
    public Result run(RetortRuntime runtime, EvaluateJob.Listener listener) throws IOException {
        InvalidSetting.unless(!settings.model().isEmpty(), "model", settings.model(), "name a model or its folder");
        InvalidSetting.unless(!settings.data().isEmpty(), "data", settings.data(),
                "name ranking tests, or dialogues that the model was not trained on");
        ModelFolder folder = ModelLookup.find(settings.model(), listener::noted);
        List<RankingCase> cases = new ArrayList<>();
        for (Path file : settings.data()) cases.addAll(new EvaluateJob(settings.of(file)).cases(listener));
        List<ScoredCase> scored;
        try (RetrievalModel model = folder.load(ComputeRuntime.of(runtime).engine())) {
            scored = RankingRun.of(model, cases, listener).scored();
        }
        double[] random = scored.stream().flatMapToDouble(each -> Arrays.stream(each.random())).toArray();
        if (random.length == 0) {
            throw BadInput.in(settings.data().getFirst(), "has no random replies", "give a test that has, or dialogues");
        }
        ScoreCalibration calibration = ScoreCalibration.of(
                scored.stream().flatMapToDouble(each -> Arrays.stream(each.positive())).toArray(), random,
                scored.size());
        calibration.write(folder.path(), settings.data().stream().map(file -> file.getFileName().toString())
                .collect(Collectors.joining(", ")));
        return new Result(folder.path().resolve(ScoreCalibration.FILE), calibration);
    }
}
