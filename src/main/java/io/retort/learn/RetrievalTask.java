package io.retort.learn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.eval.Estimate;
import io.retort.eval.HitsAt;
import io.retort.eval.MeanReciprocalRank;
import io.retort.eval.RankingMetric;
import io.retort.eval.RankingReport;
import io.retort.eval.RankingRun;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.files.Sha256;
import io.retort.graph.Engine;
import io.retort.graph.TrainableBuffer;
import io.retort.ingest.ReadingReport;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.RetrievalModel;
import io.retort.retrieval.TrainableStudent;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelFolder;
import io.retort.tensor.Tensor;
import io.retort.text.InputBuilder;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * A retrieval student learns by one of the paper's recipes (G2R section 3), from dialogues or from what a teacher made
 * of them, and is validated on ranking tests.
 */
public final class RetrievalTask implements TrainingTask {
    private final ModelFolder base;
    private final ModelConfig config;
    private final Engine engine;
    private final RetrievalSettings settings;
    private final Loss loss;
    private final TrainingData data;
    private final BatchSource batches;
    private final RankingValidation validation;
    private final TrainingSources sources;
    private final Tokenizer tokenizer;
    private final InputBuilder texts;
    private final TrainableStudent student;
    private final HardNegatives hard;

    private RetrievalTask(ModelFolder base, TrainingData data, RankingValidation validation, TrainingSources sources,
            RetrievalSettings settings, Engine engine, WorkerPool pool) throws IOException {
        this.base = base;
        this.settings = settings;
        this.engine = engine;
        this.validation = validation;
        this.sources = sources;
        this.config = settings.form().of(base.config())
                .withText(base.config().text().withLengths(settings.contextTokens(), settings.replyTokens()));
        this.loss = settings.recipe().loss();
        this.data = data;
        this.batches = new BatchSource(data, settings.batches());
        this.hard = new HardNegatives(data.responses(), batches, settings, config, pool);
        this.student = base.trainable(config, settings.batches().seed(), engine, pool, settings.passes(), loss);
        try {
            this.tokenizer = base.openTokenizer();
            this.texts = new InputBuilder(tokenizer, config.text());
        } catch (RuntimeException | IOException e) {
            student.close();
            throw e;
        }
    }

    /**
     * Reads the training data, loads the model, and prepares the first step.
     *
     * @param base what the student starts from
     * @param validation ranking tests; may be empty
     * @param cases the first ones of each test that are used
     * @param pool the caller's
     * @throws BadInput if settings, data and model do not fit each other
     */
    public static RetrievalTask open(ModelFolder base, List<WeightedFile> data, List<Path> validation, int cases,
            RetrievalSettings settings, Engine engine, WorkerPool pool) throws IOException {
        int longest = base.config().encoder().maxTokens();
        if (settings.contextTokens() > longest || settings.replyTokens() > longest) {
            throw BadInput.of("texts of " + settings.contextTokens() + " and " + settings.replyTokens() + " tokens",
                    base.name() + " has " + longest + " positions");
        }
        RankingValidation tests = RankingValidation.read(validation, settings.history(), cases);
        TrainingData read = TrainingData.read(data, settings.selection(), listed(settings));
        return new RetrievalTask(base, read, tests, sources(base, data, validation, settings, read), settings, engine,
                pool);
    }

    private static List<Path> listed(RetrievalSettings settings) {
        return settings.batches().negatives().listed().files();
    }

    private static TrainingSources sources(ModelFolder base, List<WeightedFile> data, List<Path> validation,
            RetrievalSettings settings, TrainingData read) throws IOException {
        List<TrainingSources.Source> files = new ArrayList<>();
        for (WeightedFile file : data) {
            files.add(new TrainingSources.Source(file.toString(), Sha256.of(file.file()), ""));
        }
        for (Path file : listed(settings)) files.add(new TrainingSources.Source(file.toString(), Sha256.of(file), ""));
        for (Path file : validation) files.add(new TrainingSources.Source(file.toString(), Sha256.of(file), ""));
        return new TrainingSources(summary(settings) + negatives(settings, read), files,
                List.of(new TrainingSources.Source(base.name(), base.fingerprint(), "")));
    }

    private static String summary(RetrievalSettings settings) {
        String teacher = settings.recipe().teacher()
                .map(score -> String.format(Locale.ROOT, " by the teacher's %s (alpha %s, temperature %s)",
                        score, settings.recipe().alpha(), settings.recipe().temperature()))
                .orElse("");
        String loss = settings.recipe().ownLoss().map(own -> ", by the loss `" + own.name() + "` "
                + new TreeMap<>(own.settings())).orElse("");
        return "A retrieval model that finds a reply to a dialogue's context, trained with method `"
                + settings.recipe().method() + "` of G2R (arXiv 2108.12582)" + teacher + loss + ".";
    }

    private static String negatives(RetrievalSettings settings, TrainingData read) {
        if (listed(settings).isEmpty()) return "";
        return String.format(Locale.ROOT,
                " Hard negatives were listed for %,d contexts; %,d further lines of the lists "
                        + "were of no context that it was trained on.",
                read.contextsWithListed(), read.unknownListed());
    }

    /** What to know of the data before they are trained on, a sentence each: how many of what is left out, and why. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>(
                data.reports().stream().filter(ReadingReport::isNews).map(ReadingReport::sentence).toList());
        if (data.tooShort() > 0) {
            notes.add(String.format(Locale.ROOT, "%,d examples are left out: their reply has fewer than %d words",
                    data.tooShort(), settings.minimumWords()));
        }
        if (data.tooFrequent() > 0) {
            notes.add(String.format(Locale.ROOT, "%,d examples are left out: %d others have the same reply",
                    data.tooFrequent(), settings.mostOfAReply()));
        }
        if (data.unknownListed() > 0) {
            notes.add(String.format(Locale.ROOT,
                    "%,d lines of the listed negatives are of no context that is trained on", data.unknownListed()));
        }
        return notes;
    }

    @Override
    public List<TrainableBuffer> buffers() {
        return student.buffers();
    }

    @Override
    public Step step(long step) {
        BatchSource.Batch batch = batches.batch(step, hard.of(step, this::model));
        List<int[]> contexts = batch.contexts().stream().map(texts::context).toList();
        List<int[]> replies = batch.texts().stream().map(texts::reply).toList();
        TrainableStudent.Pass pass = student.pass(contexts, replies, loss.inputs(batch.replies()),
                batches.dropoutSeed(step));
        return new Step(pass.losses(), contexts.size(), pass.tokens(), pass.flop());
    }

    /** Loads the student with its present weights; the caller closes it. */
    RetrievalModel model() {
        try {
            return base.load(config, student.weights(), engine);
        } catch (IOException e) {
            throw new UncheckedIOException(base.path() + ": cannot be read", e);
        }
    }

    @Override
    public SequencedMap<String, Double> validate() {
        if (validation.isEmpty()) return new LinkedHashMap<>();
        try (RetrievalModel model = model()) {
            return validation.measure(model);
        }
    }

    @Override
    public boolean greaterIsBetter() {
        return true;
    }

    @Override
    public Map<String, Tensor> state() {
        return hard.state();
    }

    @Override
    public void restore(Map<String, Tensor> state) {
        hard.restore(state);
    }

    @Override
    public TrainingSources sources() {
        return sources;
    }

    @Override
    public void save(Path folder, ObjectNode provenance) throws IOException {
        ModelFolder.write(folder, config, base.tokenizer(), student.weights(), provenance);
    }

    @Override
    public void close() {
        student.close();
        tokenizer.close();
    }

    /**
     * Ranking tests that a student is validated on: hits@1, the mean over the tests first, then MRR, then both for each
     * test. Immutable.
     */
    private static final class RankingValidation {
        private static final List<RankingMetric> METRICS = List.of(new HitsAt(1), new MeanReciprocalRank());

        private final List<Test> tests;

        private record Test(String name, List<RankingCase> cases) {
        }

        private RankingValidation(List<Test> tests) {
            this.tests = tests;
        }

        /**
         * @param history most turns of a context
         * @param cases the first ones of each file that are used
         */
        static RankingValidation read(List<Path> files, int history, int cases) throws IOException {
            List<Test> tests = new ArrayList<>();
            for (Path file : files) {
                List<RankingCase> used = RankingFile.FORMAT.readAll(file).stream().limit(cases)
                        .map(ranking -> new RankingCase(ranking.id(), ranking.context().latest(history),
                                ranking.positive(), ranking.adversarial(), ranking.random()))
                        .toList();
                String name = file.getFileName().toString().replaceFirst("\\.jsonl(\\.gz)?$", "");
                if (tests.stream().anyMatch(test -> test.name.equals(name))) {
                    throw BadInput.in(file, "is the second validation file of that name", "rename one of them");
                }
                tests.add(new Test(name, used));
            }
            return new RankingValidation(List.copyOf(tests));
        }

        boolean isEmpty() {
            return tests.isEmpty();
        }

        SequencedMap<String, Double> measure(RetrievalModel model) {
            SequencedMap<String, Double> all = new LinkedHashMap<>();
            METRICS.forEach(metric -> all.put(metric.key(), 0.0));
            for (Test test : tests) {
                RankingReport report = RankingRun.of(model, test.cases, Progress.NONE).report();
                for (RankingMetric metric : METRICS) {
                    double value = report.metrics().get(metric).map(Estimate::value).orElseThrow();
                    all.merge(metric.key(), value / tests.size(), Double::sum);
                    all.put(metric.key() + " " + test.name, value);
                }
            }
            return all;
        }
    }
}
