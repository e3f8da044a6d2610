package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
import io.retort.fetch.BundledFiles;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.RetrievalModel;
import io.retort.safety.SafetyCategory;
import io.retort.safety.SafetyClassifier;
import io.retort.safety.SafetyScreen;
import io.retort.safety.SafetySettings;
import io.retort.safety.SafetyVerdict;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.io.TempDir;

class StudentTurnClassifierTest {
    private static final SafetyScreen SCREEN = SafetyScreen.of(SafetySettings.defaults());
    /** What docs/safety.md promises of each list, a text or two below what it tells. */
    private static final Map<String, Promised> PROMISED = Map.of("test.tsv", new Promised(0.95, 0.03), "fresh.tsv",
            new Promised(0.94, 0.045), "held.tsv", new Promised(0.84, 0.05));

    /** Shares of the crises that are recognised, and of the innocent texts that are stopped. */
    private record Promised(double crisis, double innocent) {
    }

    @TempDir
    private Path folder;

    /** On lists that it was not fitted on; innocent lines there are look-alikes. */
    @ParameterizedTest
    @ValueSource(strings = {"test.tsv", "fresh.tsv", "held.tsv"})
    void wordsAndTheBundledStudentsClassifierTogetherReachTheFiguresOfTheDocument(String list) throws IOException {
        ModelFolder student = ModelFolder.open(BundledFiles.own().folder(BundledFiles.STUDENT));
        List<String> lines = Files.readAllLines(Path.of("src/test/resources/safety", list));
        List<String> labels = new ArrayList<>(), texts = new ArrayList<>();
        List<int[]> tokens = new ArrayList<>();
        SafetyClassifier classifier = SafetyClassifier.read(student.path()).orElseThrow();
        Map<String, Integer> all = new TreeMap<>(), together = new TreeMap<>(), alone = new TreeMap<>();
        try (WorkerPool pool = new WorkerPool(2); RetrievalModel model = student.load(Engine.simd(pool))) {
            assertTrue(StudentTurnClassifier.of(student, model).isPresent(), "its fingerprint");
            for (int i = 0; i < lines.size(); i++) {
                labels.add(lines.get(i).split("\t")[0]);
                texts.add(lines.get(i).split("\t")[1]);
                tokens.add(model.inputs().context(Context.of(lines.get(i).split("\t")[1])));
            }
            float[][] vectors = model.encodeContexts(tokens, Progress.NONE);
            for (int i = 0; i < vectors.length; i++) {
                all.merge(labels.get(i), 1, Integer::sum);
                Optional<SafetyVerdict> seen = classifier.classify(vectors[i]);
                SafetyVerdict verdict = SCREEN.withClassifier(_ -> seen).checkTurn(texts.get(i));
                if (isStopped(labels.get(i), seen)) alone.merge(labels.get(i), 1, Integer::sum);
                if (isStopped(labels.get(i), Optional.of(verdict))) together.merge(labels.get(i), 1, Integer::sum);
            }
        }
        System.err.println(list + ": with words " + together + ", alone " + alone + ", of " + all);
        Promised promised = PROMISED.get(list);
        assertTrue(together.getOrDefault("fine", 0) <= promised.innocent * all.get("fine"), together + " of " + all);
        assertTrue(together.getOrDefault("abuse", 0) >= 0.9 * all.get("abuse"), together + " of " + all);
        assertTrue(together.getOrDefault("crisis", 0) >= promised.crisis * all.get("crisis"), together + " of " + all);
        if (list.equals("held.tsv")) return; // which was reported on as a whole
        assertTrue(alone.getOrDefault("abuse", 0) >= 0.1 * all.get("abuse"), alone + " of " + all);
        assertTrue(alone.getOrDefault("crisis", 0) >= 0.5 * all.get("crisis"), alone + " of " + all);
    }

    /** A crisis must be recognised as one. */
    private static boolean isStopped(String label, Optional<SafetyVerdict> verdict) {
        Optional<SafetyCategory> category = verdict.flatMap(SafetyVerdict::category);
        return label.equals("crisis")
                ? category.filter(SafetyCategory.CRISIS::equals).isPresent()
                : category.isPresent();
    }

    @Test
    void aClassifierOfAnotherStudentIsNotUsed() throws IOException {
        ModelFolder student = TinyModel.biEncoder(folder.resolve("model"), 1);
        Files.copy(Path.of("weights/retort-student", SafetyClassifier.FILE),
                student.path().resolve(SafetyClassifier.FILE));
        try (RetrievalModel model = student.load(Engine.stock())) {
            assertTrue(StudentTurnClassifier.of(student, model).isEmpty());
        }
    }
}
