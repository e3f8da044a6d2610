package io.retort.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.distill.SourceContexts;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.files.Sha256;
import io.retort.graph.ComputeRuntime;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingResult;
import io.retort.learn.TrainingTask;
import io.retort.learn.WeightedFile;
import io.retort.runtime.RetortRuntime;
import io.retort.runtime.RuntimeSettings;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import io.retort.settings.InvalidSetting;
import io.retort.settings.SettingsCodec;
import io.retort.store.ModelFolder;
import io.retort.teacher.Teacher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/**
 * Trains a grid of methods and seeds, measures and compares the models, and writes a report. What is finished is kept
 * in the folder, so that it may be killed at any moment and taken up by the same settings. An object runs once.
 */
public final class ExperimentJob {
    private static final String BASE = "base";
    private static final SettingsCodec<ExperimentSettings> CODEC = SettingsCodec.of(ExperimentSettings.class);
    private static final SettingsCodec<RuntimeSettings> RUNTIME = SettingsCodec.of(RuntimeSettings.class);

    private final ExperimentSettings settings;
    private final Path out;
    private TrainJob training;
    private boolean stopping;

    /**
     * Prepares an experiment; nothing is read or written yet.
     *
     * @param out its folder: new, empty, or of an experiment by the same settings to go on with
     */
    public ExperimentJob(ExperimentSettings settings, Path out) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        if (out == null) throw new IllegalArgumentException("out is null");
        this.settings = settings;
        this.out = out;
    }

    /** Is told what an experiment does, on the thread that runs it. */
    public interface Listener {
        /** A listener that ignores everything, for callers that do not watch. */
        Listener NONE = new Listener() {
        };

        /**
         * Called when a run of the grid begins, or is found finished.
         *
         * @param name   its folder's within {@code cells}
         * @param number from 1
         * @param of     how many there are
         */
        default void began(String name, int number, int of) {
        }

        /** Returns who is told of a run's training; the job closes it after the run. */
        default TrainingListener training(TrainSettings settings) {
            return new TrainingListener() {
            };
        }

        /**
         * Returns who is told how far other work has come, until the next such listener is asked for.
         *
         * @param work  what is done, in a word or two
         * @param items what is counted
         */
        default Progress progress(String work, String items) {
            return Progress.NONE;
        }

        /** Called with a sentence for people about what is odd in the data, though no mistake. */
        default void noted(String note) {
        }
    }

    /**
     * How an experiment ended, and where its report is.
     *
     * @param interrupted whether it was stopped before its end; there is no report then
     * @param report      the numbers, as JSON
     * @param page        the same for people, as HTML that needs nothing else
     */
    public record Result(boolean interrupted, Path report, Path page) {
        /** Summarises the report for people: what it says of every method, a line for each figure. */
        public List<String> summary() throws IOException {
            return ReportTable.lines(new ObjectMapper().readTree(report.toFile()));
        }
    }

    /**
     * Trains, measures and compares, until the end or until {@link #stop()}. Whatever can be wrong with data and
     * settings is found before the first run begins.
     *
     * @throws BadInput       if models, data, settings and folder do not fit each other
     * @throws InvalidSetting if no tests, contexts or data are named
     */
    public Result run(RetortRuntime runtime, Listener listener) throws IOException {
        ComputeRuntime compute = ComputeRuntime.of(runtime);
        EvaluationSuite measuring = measuring();
        ModelFolder base = ModelLookup.find(settings.train().model(), listener::noted);
        try (ExperimentFolder folder = ExperimentFolder.open(out, identity(base, runtime), free(),
                begun -> rewritten(begun, runtime))) {
            return run(compute, measuring, base, folder, listener);
        }
    }

    /** Ends the experiment after the step at work, with a checkpoint. Any thread may ask for it. */
    public synchronized void stop() {
        stopping = true;
        if (training != null) training.stop();
    }

    private Result run(ComputeRuntime runtime, EvaluationSuite measuring, ModelFolder base, ExperimentFolder folder,
            Listener listener) throws IOException {
        List<ExperimentSettings.Cell> grid = settings.grid();
        requireTrainable(grid, folder, runtime);
        // A server that is not there, or cannot judge, is to show before hours of training.
        if (settings.judge().teacher().flatMap(TeacherPlace::address).isPresent()) {
            settings.judge().open(runtime, 1).ifPresent(Teacher::close);
        }
        SequencedMap<ExperimentSettings.Cell, Measurement> measured = new LinkedHashMap<>();
        Measurement ofBase = measure(BASE, base, measuring, folder, runtime, listener);
        for (ExperimentSettings.Cell cell : grid) {
            listener.began(cell.name(), measured.size() + 1, grid.size());
            if (!isTrained(cell, folder, runtime, listener)) return result(folder, true);
            measured.put(cell, measure(cell.name(), ModelFolder.open(folder.cell(cell)), measuring, folder, runtime,
                    listener));
        }
        ObjectNode report = new ExperimentReport(config(runtime), measuring, ofBase, measured,
                opinion(measuring, ofBase, measured, folder, runtime, listener).orElse(null), settings.samples())
                .json(folder);
        folder.write("report.json", report);
        folder.write("report.html", ReportPage.of(report));
        return result(folder, false);
    }

    private static Result result(ExperimentFolder folder, boolean interrupted) {
        return new Result(interrupted, folder.resolve("report.json"), folder.resolve("report.html"));
    }

    /** Trains a run of the grid; false if it was stopped. */
    private boolean isTrained(ExperimentSettings.Cell cell, ExperimentFolder folder, RetortRuntime runtime,
            Listener listener)
            throws IOException {
        TrainSettings own = settings.of(cell);
        TrainJob job = TrainJob.resume(own, folder.cell(cell));
        synchronized (this) {
            training = job;
            if (stopping) job.stop();
        }
        try (TrainingListener told = listener.training(own)) {
            return job.run(runtime, told).ending() != TrainingResult.Ending.INTERRUPTED;
        }
    }

    private ObjectNode config(RetortRuntime runtime) {
        ObjectNode config = CODEC.write(settings);
        config.setAll(RUNTIME.write(RunSettings.inUse(runtime)));
        return config;
    }

    /** Everything that decides the results, by which a folder knows the experiment that it belongs to. */
    private ObjectNode identity(ModelFolder base, RetortRuntime runtime) throws IOException {
        ObjectNode identity = config(runtime);
        ObjectNode digests = identity.putObject("digests").put("model", base.fingerprint());
        TrainSettings.Data data = settings.train().data();
        for (WeightedFile file : data.data()) digests.put(file.toString(), Sha256.of(file.file()));
        for (Path file : data.negativesFrom()) digests.put(file.toString(), Sha256.of(file));
        for (Path file : settings.tests()) digests.put(file.toString(), Sha256.of(file));
        digests.put(contexts().toString(), Sha256.of(contexts()));
        return identity;
    }

    private static Set<String> free() {
        Set<String> free = new TreeSet<>(RunSettings.free());
        CODEC.fields().forEach((key, field) -> {
            if (!field.decides()) free.add(key);
        });
        return free;
    }

    /** What an experiment was begun with, by whichever version, as this version writes it. */
    private ObjectNode rewritten(ObjectNode begun, RetortRuntime runtime) {
        ObjectNode own = begun.deepCopy(), ofRuntime = begun.objectNode();
        for (String key : RUNTIME.fields().keySet()) if (own.has(key)) ofRuntime.set(key, own.remove(key));
        var digests = own.remove("digests");
        RuntimeSettings then = RUNTIME.read(ofRuntime, RUNTIME.defaults(), out);
        if (then.engine() == RuntimeSettings.EngineChoice.AUTO) {
            then = then.withEngine(RunSettings.inUse(runtime).engine());
        }
        ObjectNode rewritten = CODEC.rewrite(own, out);
        rewritten.setAll(RUNTIME.write(then));
        if (digests != null) rewritten.set("digests", digests);
        return rewritten;
    }

    private Path contexts() {
        return settings.contexts().orElseThrow(() -> new InvalidSetting("contexts", settings.contexts(), "",
                "name a file of contexts that are answered"));
    }

    private EvaluationSuite measuring() throws IOException {
        TrainSettings.Data data = settings.train().data();
        InvalidSetting.unless(!settings.tests().isEmpty(), "tests", settings.tests(), "name ranking tests");
        InvalidSetting.unless(!data.data().isEmpty(), "data", data.data(), "name files of dialogues or distilled data");
        int history = data.history();
        SequencedMap<String, List<RankingCase>> tests = new LinkedHashMap<>();
        for (Path file : settings.tests()) {
            String name = file.getFileName().toString().replaceFirst("\\.jsonl(\\.gz)?$", "");
            List<RankingCase> cases = RankingFile.FORMAT.readAll(file).stream()
                    .limit(settings.testCases().orElse(Integer.MAX_VALUE))
                    .map(ranking -> ranking.withHistory(history)).toList();
            if (tests.put(name, cases) != null) {
                throw BadInput.in(file, "is the second test of that name", "rename one");
            }
        }
        IndexedReplies responses = new IndexedReplies(KeyedBy.REPLY);
        for (WeightedFile file : data.data()) {
            responses.addFile(file.file(), Exchanges.standard().withHistory(history), data.reading());
        }
        return new EvaluationSuite(tests, responses,
                SourceContexts.first(contexts(), history, settings.mostContexts()));
    }

    /** Opens every method once, with its data, so that what would end the experiment after hours does so now. */
    private void requireTrainable(List<ExperimentSettings.Cell> grid, ExperimentFolder folder, ComputeRuntime runtime)
            throws IOException {
        long seed = grid.getFirst().seed();
        for (ExperimentSettings.Cell cell : grid) {
            if (cell.seed() != seed || folder.read("cells/" + cell.name() + "/training/config.json").isPresent())
                continue;
            try (TrainingTask _ = TrainJob.open(settings.of(cell), runtime,
                    Listener.NONE.training(settings.of(cell)))) {
                continue;
            }
        }
    }

    private static Measurement measure(String name, ModelFolder model, EvaluationSuite measuring,
            ExperimentFolder folder,
            ComputeRuntime runtime, Listener listener) throws IOException {
        Optional<Measurement> kept = folder.measurement(name, model.fingerprint());
        if (kept.isPresent()) return kept.get();
        Measurement found = measuring.of(model, runtime.engine(), runtime.pool(),
                folder.resolve("evaluations").resolve(name + ".index"), listener.progress("measure " + name, "texts"));
        folder.keep(name, found);
        return found;
    }

    private Optional<TeacherOpinion> opinion(EvaluationSuite measuring, Measurement base,
            SequencedMap<ExperimentSettings.Cell, Measurement> measured, ExperimentFolder folder,
            ComputeRuntime runtime,
            Listener listener) throws IOException {
        int history = settings.train().data().history();
        Optional<Teacher> judge = settings.judge().open(runtime, history);
        if (judge.isEmpty()) return Optional.empty();
        try (Teacher teacher = judge.get()) {
            List<List<String>> replies = new ArrayList<>(List.of(base.replies()));
            measured.values().forEach(measurement -> replies.add(measurement.replies()));
            return Optional
                    .of(TeacherOpinion.of(settings.judge().asking(teacher, history), measuring.contexts(), replies,
                            folder, listener.progress("judge", "contexts")));
        }
    }
}
