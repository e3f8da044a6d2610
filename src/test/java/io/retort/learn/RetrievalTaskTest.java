package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.Turn;
import io.retort.distill.TeacherScore;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.retrieval.CrossingScoring;
import io.retort.retrieval.DotScoring;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.PolyScoring;
import io.retort.retrieval.Pooling;
import io.retort.retrieval.RetrievalModel;
import io.retort.retrieval.ScoringForms;
import io.retort.retrieval.Similarity;
import io.retort.retrieval.StudentForm;
import io.retort.retrieval.TrainableStudent;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.text.TextFormat;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tiny students on tiny tasks, which they are to learn. */
class RetrievalTaskTest {
    private static final int PAIRS = 16;
    private static final Recipe BASELINE = new Recipe(TrainingMethod.BASELINE, TeacherScore.LL, 0.1, 1);
    private static final Recipe DISTILLED = new Recipe(TrainingMethod.G2R_DM, TeacherScore.MI, 0.5, 1);
    private static final double NEARLY_ALL = 0.9;
    private static final Negatives RANDOM = new Negatives(8, false, 0);

    @TempDir
    private Path folder;
    private final WorkerPool pool = new WorkerPool(1);
    private final Engine engine = Engine.simd(1);
    private ModelFolder base;
    private Path dialogues;
    private Path distilled;
    private Path ranking;

    /** The reply to a word is another word: nothing that untrained vectors could know. */
    private static String reply(int i) {
        return TinyModel.WORDS.get(PAIRS + (5 * i + 3) % PAIRS);
    }

    private static String generated(int i) {
        return "always " + TinyModel.WORDS.get(2 * PAIRS + i % 8) + " " + TinyModel.WORDS.get(i);
    }

    @BeforeEach
    void write() throws IOException {
        base = TinyModel.biEncoder(folder.resolve("base"), 1);
        List<Dialogue> pairs = new ArrayList<>();
        List<RankingCase> cases = new ArrayList<>();
        List<Distilled> scored = new ArrayList<>();
        for (int i = 0; i < PAIRS; i++) {
            int own = i;
            String word = TinyModel.WORDS.get(i);
            pairs.add(new Dialogue("d" + i, "test", List.of(new Turn("A", word), new Turn("B", reply(i)))));
            cases.add(new RankingCase("r" + i, Context.of(word), List.of(reply(i)), List.of(),
                    IntStream.range(0, PAIRS).filter(j -> j != own).mapToObj(RetrievalTaskTest::reply).toList()));
            scored.add(new Distilled("s" + i, Context.of(word), List.of(
                    new Candidate(reply(i), Origin.ORIGINAL, OptionalDouble.of(1), OptionalDouble.of(-2)),
                    new Candidate(generated(i), Origin.GENERATED, OptionalDouble.of(-2), OptionalDouble.of(1))),
                    Map.of()));
        }
        dialogues = folder.resolve("dialogues.jsonl");
        DialogueFile.FORMAT.write(dialogues, pairs);
        distilled = folder.resolve("distilled.jsonl");
        DistilledFile.FORMAT.write(distilled, scored);
        ranking = folder.resolve("ranking.jsonl");
        RankingFile.FORMAT.write(ranking, cases);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private RetrievalTask task(Path data, Recipe recipe, StudentForm form, Negatives negatives) throws IOException {
        BatchSource.Settings batches = new BatchSource.Settings(8, 3, negatives, 1, false, 5); // windows would always put the same together
        RetrievalSettings settings = new RetrievalSettings(recipe, form, 4, 1, 100, 20, 12, batches,
                new TrainableStudent.Settings(1, 0, 128, 128),
                new RetrievalSettings.Mining(4, 30, 0, Optional.empty()));
        return RetrievalTask.open(base, List.of(new WeightedFile(data, 1)), List.of(ranking), 100, settings, engine,
                pool);
    }

    private void train(RetrievalTask task, int steps) {
        try (OptimizerState optimizer = new Optimizer.AdamW(Optimizer.Hyperparameters.withDecay(0)).over(task.buffers(),
                pool)) {
            for (int step = 0; step < steps; step++) {
                task.step(step);
                optimizer.step(0.003, Math.min(1, 1 / optimizer.gradientNorm()));
            }
        }
    }

    /**
     * Trains until nearly every reply is ranked first, at two validations in a row, for as many steps at most.
     *
     * @return the share that is ranked first at last
     */
    private double learn(RetrievalTask task, int most) {
        try (OptimizerState optimizer = new Optimizer.AdamW(Optimizer.Hyperparameters.withDecay(0)).over(task.buffers(),
                pool)) {
            double last = 0, hits = 0;
            for (int step = 0; step < most && !(last > NEARLY_ALL && hits > NEARLY_ALL); step += 25) {
                train(task, optimizer, step, step + 25);
                last = hits;
                hits = task.validate().get("hits@1");
            }
            return hits;
        }
    }

    static Stream<StudentForm> forms() {
        return Stream.of(new StudentForm.Scored(new DotScoring(), true),
                new StudentForm.Scored(new DotScoring(), false),
                new StudentForm.Scored(new PolyScoring(2), true), new StudentForm.Scored(new PolyScoring(3), false),
                new StudentForm.Scored(new CrossingScoring(24), true));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyFormLearnsATinyTaskNearlyPerfectly(StudentForm form) throws IOException {
        try (RetrievalTask task = task(dialogues, BASELINE, form, new Negatives(8, true, 0))) {
            double before = task.validate().get("hits@1");
            double after = learn(task, 300);
            assertTrue(before < 0.5 && after > NEARLY_ALL, before + " became " + after);
        }
    }

    @ParameterizedTest
    @MethodSource("negatives")
    void everyKindOfNegativesTeaches(Negatives negatives) throws IOException {
        try (RetrievalTask task = task(dialogues, BASELINE, new StudentForm.AsItIs(), negatives)) {
            double after = learn(task, 300);
            assertTrue(after > NEARLY_ALL, negatives + ": " + after);
        }
    }

    /** As in the paper, where encoders are untied and no other context's reply is a negative. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void randomNegativesAloneTeachTiedAndUntiedEncoders(boolean tied) throws IOException {
        try (RetrievalTask task = task(dialogues, BASELINE, new StudentForm.Scored(new DotScoring(), tied), RANDOM)) {
            double before = task.validate().get("hits@1");
            double after = learn(task, 400);
            assertTrue(before < 0.5 && after > NEARLY_ALL, before + " became " + after);
        }
    }

    static Stream<Negatives> negatives() {
        return Stream.of(new Negatives(0, true, 0), new Negatives(0, true, 2), new Negatives(4, true, 1));
    }

    @Test
    void theStudentComesToPreferWhatTheTeacherPrefers() throws IOException {
        try (RetrievalTask task = task(distilled, DISTILLED, new StudentForm.AsItIs(), RANDOM)) {
            train(task, 150);
            Path saved = folder.resolve("student");
            task.save(saved, JsonNodeFactory.instance.objectNode());
            try (RetrievalModel student = ModelFolder.open(saved).load(engine)) {
                int agreed = 0;
                for (int i = 0; i < PAIRS; i++) {
                    float[][] replies = student.encodeReplies(List.of(reply(i), generated(i)), Progress.NONE);
                    float[] scores = student.score(Context.of(TinyModel.WORDS.get(i)), replies);
                    if (scores[1] > scores[0]) agreed++;
                }
                assertTrue(agreed > 0.9 * PAIRS, agreed + " of " + PAIRS);
            }
        }
    }

    /** A form that Retort does not know, with parameters of its own: trained, saved, refused by name, loaded, equal. */
    @Test
    void aFormOfOnesOwnIsSavedAndLoadedWithItsParameters() throws IOException {
        Path saved = folder.resolve("crossing");
        List<float[]> before = new ArrayList<>();
        List<String> texts = IntStream.range(0, PAIRS).mapToObj(RetrievalTaskTest::reply).toList();
        try (RetrievalTask task = task(dialogues, BASELINE, new StudentForm.Scored(new CrossingScoring(7), true),
                RANDOM)) {
            train(task, 20);
            task.save(saved, JsonNodeFactory.instance.objectNode());
            try (RetrievalModel student = task.model()) {
                float[][] replies = student.encodeReplies(texts, Progress.NONE);
                for (int i = 0; i < PAIRS; i++) before.add(student.score(Context.of(TinyModel.WORDS.get(i)), replies));
            }
        }
        String refusal = assertThrows(BadInput.class, () -> ModelFolder.open(saved)).getMessage();
        assertTrue(refusal.contains("kind \"crossing\" is not known; use one of [bi-encoder, poly-encoder]"), refusal);
        ModelFolder own = ModelFolder.open(saved, ScoringForms.KNOWN.with(CrossingScoring.KIND));
        assertEquals(new CrossingScoring(7), own.config().form());
        try (RetrievalModel student = own.load(engine)) {
            assertFalse(student.isSearchable());
            float[][] replies = student.encodeReplies(texts, Progress.NONE);
            for (int i = 0; i < PAIRS; i++) {
                assertArrayEquals(before.get(i), student.score(Context.of(TinyModel.WORDS.get(i)), replies));
            }
        }
    }

    /** A loss that Retort does not know, with a parameter of its own: the optimiser trains it, checkpoints keep it. */
    @Test
    void aLossOfOnesOwnLearnsItsParameterAndIsResumedWithIt() throws IOException {
        Recipe recipe = BASELINE.withLoss(new LearntScale(new SampledCrossEntropy(), 0));
        StudentForm cosine = base -> new ModelConfig(base.form(), base.encoder(), base.tied(), Pooling.MEAN,
                Similarity.COSINE, 1, base.text());
        Path file = folder.resolve("checkpoint.safetensors");
        try (RetrievalTask task = task(dialogues, recipe, cosine, new Negatives(8, true, 0));
                RetrievalTask resumed = task(dialogues, recipe, cosine, new Negatives(8, true, 0));
                OptimizerState optimizer = new Optimizer.AdamW(Optimizer.Hyperparameters.withDecay(0))
                        .over(task.buffers(), pool);
                OptimizerState again = new Optimizer.AdamW(Optimizer.Hyperparameters.withDecay(0)).over(
                        resumed.buffers(),
                        pool)) {
            train(task, optimizer, 0, 150);
            Checkpoint.write(file, RunState.beginning(task, JsonNodeFactory.instance.objectNode()), task, optimizer);
            try (Checkpoint checkpoint = Checkpoint.open(file)) {
                checkpoint.restore(resumed);
                again.restore(150, new NamedWeights(checkpoint.file()));
            }
            assertTrue(scale(task) > 0.5, "cosines of 1 at most are told apart by a scale: " + scale(task));
            assertEquals(scale(task), scale(resumed));
            train(task, optimizer, 150, 155);
            train(resumed, again, 150, 155);
            assertEquals(scale(task), scale(resumed));
            assertEquals(task.step(155), resumed.step(155));
            assertTrue(task.validate().get("hits@1") > 0.9);
            task.save(folder.resolve("student"), JsonNodeFactory.instance.objectNode());
            assertTrue(task.sources().summary().contains("learnt scale"), task.sources().summary());
        }
        try (TensorFile weights = TensorFile.open(folder.resolve("student"))) {
            assertTrue(weights.tensors().keySet().stream().noneMatch(name -> name.startsWith("loss.")));
        }
    }

    private static void train(RetrievalTask task, OptimizerState optimizer, int from, int to) {
        for (int step = from; step < to; step++) {
            task.step(step);
            optimizer.step(0.003, Math.min(1, 1 / optimizer.gradientNorm()));
        }
    }

    /** The exponent's present value. */
    private static float scale(RetrievalTask task) {
        for (TrainableBuffer buffer : task.buffers()) {
            for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                if (entry.name().equals(LearntScale.LOG_SCALE)) {
                    return buffer.layout().slice(buffer.values(), entry).get(ValueLayout.JAVA_FLOAT, 0);
                }
            }
        }
        throw new AssertionError("no such parameter");
    }

    @Test
    void anObjectiveKeepsToNamesOfItsOwn() {
        Recipe recipe = BASELINE.withLoss(new Loss() {
            @Override
            public String name() {
                return "thief";
            }

            @Override
            public SequencedMap<String, Node> losses(Graph graph, Node scores) {
                return new SampledCrossEntropy().losses(graph, graph.multiply(scores, graph.parameter("scale", 1)));
            }

            @Override
            public Map<String, Tensor> parameters() {
                return Map.of("scale", Tensor.of(new float[]{1}, 1));
            }

            @Override
            public Map<String, Tensor> inputs(BatchReplies batch) {
                return new SampledCrossEntropy().inputs(batch);
            }
        });
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> task(dialogues, recipe, new StudentForm.AsItIs(), RANDOM)).getMessage().contains("scale"));
    }

    @Test
    void aStepNeedsNoStepsBeforeIt() throws IOException {
        try (RetrievalTask one = task(distilled, DISTILLED, new StudentForm.AsItIs(), RANDOM);
                RetrievalTask other = task(distilled, DISTILLED, new StudentForm.AsItIs(), RANDOM)) {
            for (int step = 0; step < 6; step++) one.step(step);
            assertEquals(one.step(6), other.step(6));
        }
    }

    @Test
    void minedNegativesAreKeptForARunThatIsResumed() throws IOException {
        Negatives mined = new Negatives(2, false, 2);
        try (RetrievalTask one = task(dialogues, BASELINE, new StudentForm.AsItIs(), mined);
                RetrievalTask other = task(dialogues, BASELINE, new StudentForm.AsItIs(), mined)) {
            train(one, 6); // the round began with step 4, with the weights of then
            for (int i = 0; i < one.buffers().size(); i++) {
                other.buffers().get(i).values().copyFrom(one.buffers().get(i).values());
            }
            other.restore(one.state());
            assertEquals(one.step(6), other.step(6));
        }
    }

    @Test
    void hardNegativesOfAPolyEncoderAreRefused() {
        assertThrows(BadInput.class, () -> task(dialogues, BASELINE, new StudentForm.Scored(new PolyScoring(2), true),
                new Negatives(0, false, 1)));
    }

    @Test
    void sourcesNameFilesAndTheBaseWithTheirDigests() throws IOException {
        try (RetrievalTask task = task(dialogues, BASELINE, new StudentForm.AsItIs(), RANDOM)) {
            assertEquals(List.of(dialogues.toString(), ranking.toString()),
                    task.sources().data().stream().map(TrainingSources.Source::name).toList());
            assertEquals(base.fingerprint(), task.sources().parents().getFirst().digest());
            assertEquals(64, task.sources().data().getFirst().digest().length());
        }
    }

    @Test
    void aStudentReadsAsMuchAsItWasTrainedToRead() throws IOException {
        try (RetrievalTask task = task(dialogues, BASELINE, new StudentForm.AsItIs(), RANDOM)) {
            task.save(folder.resolve("student"), JsonNodeFactory.instance.objectNode());
        }
        TextFormat text = ModelFolder.open(folder.resolve("student")).config().text();
        assertEquals(base.config().text().withLengths(20, 12), text);
        assertNotEquals(base.config().text(), text);
    }
}
