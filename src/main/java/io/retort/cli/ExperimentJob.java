package io.retort.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.distill.SourceContexts;
import io.retort.distill.WeightedFile;
import io.retort.experiment.Cell;
import io.retort.experiment.ExperimentFolder;
import io.retort.experiment.Measurement;
import io.retort.experiment.Measuring;
import io.retort.experiment.Report;
import io.retort.experiment.ReportPage;
import io.retort.experiment.TeacherOpinion;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.generate.Teacher;
import io.retort.model.ModelFolder;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import io.retort.simd.WorkerPool;
import io.retort.train.TrainingResult;
import io.retort.train.TrainingTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * An experiment, from data to report. What is finished is kept in its folder, so that it may be killed at any moment.
 *
 * @param config effective settings
 */
record ExperimentJob(ExperimentOptions options, ObjectNode config, Path out) {
    private static final String BASE = "base";

    /** The report; empty if the experiment was interrupted. */
    Optional<ObjectNode> run() throws Exception {
        List<Cell> grid = options.grid();
        Measuring measuring = measuring();
        ModelFolder base = options.train.model().folder();
        try (ExperimentFolder folder = ExperimentFolder.open(out, identity(base), free())) {
            return run(grid, measuring, base, folder);
        }
    }

    private Optional<ObjectNode> run(List<Cell> grid, Measuring measuring, ModelFolder base, ExperimentFolder folder)
            throws Exception {
        requireTrainable(grid, folder);
        SequencedMap<Cell, Measurement> measured = new LinkedHashMap<>();
        Measurement ofBase = measure(BASE, base, measuring, folder);
        for (Cell cell : grid) {
            Path path = folder.cell(cell);
            System.err.println("retort: " + cell.name() + " (" + (measured.size() + 1) + " of " + grid.size() + ")");
            TrainingResult result = new TrainingJob(ExperimentOptions.cell(config, cell, path), path, true).run(_ -> {
            });
            if (result.ending() == TrainingResult.Ending.INTERRUPTED) return Optional.empty();
            measured.put(cell, measure(cell.name(), ModelFolder.open(path), measuring, folder));
        }
        ObjectNode report = new Report(config, measuring, ofBase, measured,
                opinion(measuring, ofBase, measured, folder),
                options.samples()).json(folder);
        folder.write("report.json", report);
        folder.write("report.html", ReportPage.of(report));
        return Optional.of(report);
    }

    private static Set<String> free() {
        Set<String> free = new HashSet<>(TrainOptions.FREE);
        free.addAll(Set.of("samples", "teacher"));
        return free;
    }

    /** Everything that decides the results. */
    private ObjectNode identity(ModelFolder base) throws IOException {
        ObjectNode identity = config.deepCopy();
        ObjectNode digests = identity.putObject("digests").put("model", base.fingerprint());
        for (WeightedFile file : options.train.inputs().data()) digests.put(file.toString(), Sha256.of(file.file()));
        for (Path file : options.train.inputs().negatives()) digests.put(file.toString(), Sha256.of(file));
        for (Path file : options.tests) digests.put(file.toString(), Sha256.of(file));
        digests.put(options.contexts().toString(), Sha256.of(options.contexts()));
        return identity;
    }

    private Measuring measuring() throws IOException {
        if (options.tests.isEmpty()) throw BadInput.of("--tests is missing", "name ranking tests");
        int history = options.train.inputs().history;
        SequencedMap<String, List<RankingCase>> tests = new LinkedHashMap<>();
        for (Path file : options.tests) {
            String name = file.getFileName().toString().replaceFirst("\\.jsonl(\\.gz)?$", "");
            List<RankingCase> cases = RankingFile.FORMAT.readAll(file).stream().limit(options.testCases())
                    .map(ranking -> ranking.withHistory(history)).toList();
            if (tests.put(name, cases) != null)
                throw BadInput.in(file, "is the second test of that name", "rename one");
        }
        Exchanges exchanges = Exchanges.standard().withHistory(history);
        IndexedReplies responses = new IndexedReplies(KeyedBy.REPLY);
        for (WeightedFile file : options.train.inputs().data()) {
            DataOptions.readRecords(file.file(), exchanges, responses);
        }
        return new Measuring(tests, responses,
                SourceContexts.first(options.contexts(), history, options.mostContexts()));
    }

    /** What would end the experiment after hours does so now: every method is opened once, with its data. */
    private void requireTrainable(List<Cell> grid, ExperimentFolder folder) throws Exception {
        long seed = grid.getFirst().seed();
        try (WorkerPool pool = options.train.model().threads.pool()) {
            for (Cell cell : grid) {
                if (cell.seed() != seed || folder.read("cells/" + cell.name() + "/training/config.json").isPresent())
                    continue;
                TrainOptions each = ExperimentOptions.cell(config, cell, folder.cell(cell)).options();
                each.settings();
                try (TrainingTask _ = each.open(pool)) {
                    continue;
                }
            }
        }
    }

    private Measurement measure(String name, ModelFolder model, Measuring measuring, ExperimentFolder folder)
            throws IOException {
        Optional<Measurement> kept = folder.measurement(name, model.fingerprint());
        if (kept.isPresent()) return kept.get();
        try (WorkerPool pool = options.train.model().threads.pool();
                ProgressLine progress = new ProgressLine("measure " + name, "texts")) {
            Measurement found = measuring.of(model, options.train.model().engine(), pool,
                    folder.resolve("evaluations").resolve(name + ".index"), progress);
            folder.keep(name, found);
            return found;
        }
    }

    /** null for no teacher. */
    private TeacherOpinion opinion(Measuring measuring, Measurement base, SequencedMap<Cell, Measurement> measured,
            ExperimentFolder folder) throws IOException {
        if (options.judge.teacher == null) return null;
        List<List<String>> replies = new ArrayList<>(List.of(base.replies()));
        measured.values().forEach(measurement -> replies.add(measurement.replies()));
        try (Teacher open = Teacher.open(options.judge.teacher, options.train.model().engine());
                ProgressLine progress = new ProgressLine("judge", "contexts")) {
            return TeacherOpinion.of(options.judge.asking(open, options.train.inputs().history), measuring.contexts(),
                    replies, folder, progress);
        }
    }
}
