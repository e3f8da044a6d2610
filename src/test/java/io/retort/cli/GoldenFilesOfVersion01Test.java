package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.DistilledFile;
import io.retort.search.Metric;
import io.retort.search.ResponseIndex;
import io.retort.simd.Kernels;
import io.retort.store.ModelFolder;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What users of version 0.1 have on their disks opens, goes on and is reproduced ({@code bench/golden/README.md}). The
 * bits are compared where they can be the same: with the kernels and the Java that made the files.
 */
class GoldenFilesOfVersion01Test {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path GOLDEN = Path.of("src/test/resources/io/retort/golden-0.1");
    private static final Path STUDENT = golden("student"), TEACHER = golden("teacher"), TALKS = golden("talks.jsonl");
    private static final double CLOSE = 1e-3;

    @TempDir
    Path work;

    private static Path golden(String name) {
        return GOLDEN.resolve(name);
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) lines.add(JSON.readTree(line));
        return lines;
    }

    private static JsonNode read(Path file) throws IOException {
        return JSON.readTree(file.toFile());
    }

    /** A copy to work on: what goes on writes into its folder. */
    private Path copy(String name, String as) throws IOException {
        Path source = golden(name), target = work.resolve(as);
        try (Stream<Path> all = Files.walk(source)) {
            for (Path each : all.toList()) Files.copy(each, target.resolve(source.relativize(each).toString()));
        }
        return target;
    }

    /** The same but for rounding: other kernels add in another order. */
    private static void assertClose(JsonNode expected, JsonNode found, String where) {
        if (expected.isNumber()) {
            double allowed = CLOSE * Math.max(1, Math.abs(expected.asDouble()));
            assertEquals(expected.asDouble(), found.asDouble(Double.NaN), allowed, where);
        } else if (expected.isContainerNode()) {
            assertEquals(expected.size(), found.size(), where);
            expected.fieldNames().forEachRemaining(
                    name -> assertClose(expected.get(name), found.path(name), where + "." + name));
            if (expected.isArray()) {
                for (int i = 0; i < expected.size(); i++) {
                    assertClose(expected.get(i), found.get(i), where + "[" + i + "]");
                }
            }
        } else {
            assertEquals(expected, found, where);
        }
    }

    private static boolean sameArithmetic(JsonNode provenance) {
        return provenance.path("kernels").asText().equals(Kernels.best().name())
                && provenance.path("java").asText().equals(Runtime.version().toString());
    }

    @Test
    void indexesAnswerAsTheyDid() throws IOException {
        for (String[] pair : new String[][]{{"reply.index", "expected-replies.jsonl"},
            {"context.index", "expected-replies-by-context.jsonl"}}) {
            List<JsonNode> expected = lines(golden(pair[1]));
            List<String> contexts = List.of("i you", "cat dog", "do you like tea");
            for (int c = 0; c < contexts.size(); c++) {
                JsonNode answer = Run.json("reply", "-m", STUDENT, "-i", golden(pair[0]), "-k", 3, "-c",
                        contexts.get(c), "--json");
                for (int rank = 0; rank < 3; rank++) {
                    JsonNode then = expected.get(c).get("replies").get(rank);
                    JsonNode now = answer.get("replies").get(rank);
                    assertEquals(then.get("text"), now.get("text"), pair[0]);
                    assertEquals(then.get("row"), now.get("row"), pair[0]);
                    assertEquals(then.get("score").asDouble(), now.get("score").asDouble(), CLOSE, pair[0]);
                }
            }
        }
    }

    @Test
    void indexesSayWhatTheyAreOf() throws IOException {
        String fingerprint = ModelFolder.open(STUDENT).fingerprint();
        try (ResponseIndex reply = ResponseIndex.open(golden("reply.index"));
                ResponseIndex context = ResponseIndex.open(golden("context.index"))) {
            assertEquals(36, reply.count());
            assertEquals(Metric.INNER_PRODUCT, reply.metric());
            assertEquals(Metric.COSINE, context.metric());
            assertEquals("he she", reply.reply(0));
            assertEquals("context", context.spec().metadata().get("keyed_by").asText());
            assertEquals(fingerprint, reply.spec().model().hex());
            assertEquals(fingerprint, context.spec().model().hex());
        }
    }

    @Test
    void anInterruptedIndexGoesOn() throws IOException {
        Path index = work.resolve("interrupted.index");
        copy("interrupted.index.building", "interrupted.index.building");
        copy("interrupted.index.building.progress", "interrupted.index.building.progress");
        JsonNode built = Run.json("index", "-m", STUDENT, "-d", TALKS, "-o", index, "--key", "reply",
                "--json");
        assertEquals(12, built.get("resumed_at").asInt());
        try (ResponseIndex then = ResponseIndex.open(golden("reply.index"));
                ResponseIndex now = ResponseIndex.open(index)) {
            assertEquals(then.count(), now.count());
            for (int row = 0; row < then.count(); row++) assertEquals(then.reply(row), now.reply(row));
        }
    }

    private JsonNode generate(Path out) throws IOException {
        return Run.json("generate", "--teacher", TEACHER, "-d", TALKS, "-o", out, "-n", 2, "--temperature", 1,
                "--max-tokens", 30, "--rounds", 5, "--limit", 16, "--threads", 1, "--json");
    }

    private JsonNode score(Path out) throws IOException {
        return Run.json("score", "--teacher", TEACHER, "-d", golden("distilled.jsonl"), "-o", out, "--threads", 1,
                "--json");
    }

    @Test
    void distilledDataAreReadAndTheirJobsKnownAsFinished() throws IOException {
        assertEquals(16, DistilledFile.FORMAT.readAll(golden("distilled.jsonl")).size());
        DistilledFile.FORMAT.readAll(golden("scored.jsonl")).forEach(scored -> scored.candidates()
                .forEach(candidate -> assertTrue(candidate.ll().isPresent() && candidate.mi().isPresent())));
        copy("distilled.jsonl.run.json", "d.jsonl.run.json");
        assertEquals("finished before", generate(copy("distilled.jsonl", "d.jsonl")).path("note").asText());
        copy("scored.jsonl.run.json", "s.jsonl.run.json");
        assertEquals("finished before", score(copy("scored.jsonl", "s.jsonl")).path("note").asText());
    }

    @Test
    void interruptedJobsOfATeacherGoOn() throws IOException {
        copy("interrupted.jsonl.part", "d.jsonl.part");
        Path distilled = work.resolve("d.jsonl");
        assertEquals("resumed at 3", generate(distilled).path("note").asText());
        List<JsonNode> then = lines(golden("distilled.jsonl")), now = lines(distilled);
        assertEquals(then.subList(0, 3), now.subList(0, 3));
        assertEquals(then.stream().map(line -> line.get("id")).toList(), now.stream().map(line -> line.get("id"))
                .toList());
        copy("interrupted-scored.jsonl.part", "s.jsonl.part");
        Path scored = work.resolve("s.jsonl");
        assertEquals("resumed at 3", score(scored).path("note").asText());
        List<JsonNode> expected = lines(golden("scored.jsonl")), found = lines(scored);
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < expected.size(); i++) assertClose(expected.get(i), found.get(i), "line " + (i + 1));
    }

    @Test
    void aConfigFileMeansTheSettingsThatItMeant() throws IOException {
        JsonNode now = Run.json("train", "--config", golden("settings.json"), "--print-config");
        ObjectNode then = (ObjectNode) read(golden("finished-run/training/config.json"));
        // What a generator alone has, and never decided anything of a student, is no longer told of one.
        then.remove(List.of("max-tokens", "weights", "lora"));
        then.fieldNames().forEachRemaining(name -> assertEquals(then.get(name), now.get(name), name));
    }

    @Test
    void aFinishedRunIsAModelAndIsReproduced() throws IOException {
        Path run = golden("finished-run");
        ModelFolder.open(run);
        Run reproduced = Run.of("reproduce", run, "--out", work.resolve("again"), "--json");
        JsonNode facts = JSON.readTree(reproduced.out());
        assertEquals(18, facts.get("steps").asInt(), reproduced.err());
        assertEquals(6, facts.get("best_step").asInt());
        if (sameArithmetic(read(run.resolve("provenance.json")))) assertTrue(facts.get("identical").asBoolean());
        double farthest = 18 * read(golden("settings.json")).get("learning-rate").asDouble();
        assertTrue(facts.get("greatest_difference").asDouble() < farthest, facts.toString());
        assertWeightsAreClose(run, work.resolve("again"));
    }

    /**
     * Biases of keys are left out, and as far apart as AdamW's steps may take them: softmax takes away what they add to
     * all keys alike, so that their gradients are rounding errors, of which AdamW makes steps of the learning rate's size.
     */
    private static void assertWeightsAreClose(Path expected, Path found) throws IOException {
        try (TensorFile then = ModelFolder.open(expected).openWeights();
                TensorFile now = ModelFolder.open(found).openWeights()) {
            assertEquals(then.tensors().keySet(), now.tensors().keySet());
            for (String name : then.tensors().keySet()) {
                if (name.endsWith(".key.bias")) continue;
                assertArrayEquals(then.read(name).toFloats(), now.read(name).toFloats(), (float) CLOSE, name);
            }
        }
    }

    @Test
    void aFinishedRunThatIsResumedSaysThatItIsDone() throws IOException {
        JsonNode facts = Run.json("train", "--config", golden("settings.json"), "--resume", "--out",
                copy("finished-run", "run"), "--json");
        assertEquals(read(golden("finished-run/training/result.json")).get("steps"), facts.get("steps"));
        assertEquals("done", facts.get("ending").asText());
    }

    @Test
    void anInterruptedRunGoesOnFromItsCheckpoint() throws IOException {
        Path run = copy("interrupted-run", "run");
        JsonNode facts = Run.json("train", "--config", golden("settings.json"), "--resume", "--out", run, "--json");
        assertEquals("done", facts.get("ending").asText());
        assertEquals(18, facts.get("steps").asInt());
        assertEquals(6, facts.get("best_step").asInt());
        List<JsonNode> whole = losses(golden("finished-run")), resumed = losses(run);
        assertEquals(18, whole.size());
        assertEquals(whole.size(), resumed.size());
        for (int i = 0; i < whole.size(); i++) {
            for (String name : List.of("step", "loss", "gradient_norm", "learning_rate")) {
                assertClose(whole.get(i).get(name), resumed.get(i).get(name), name + " of step " + (i + 1));
            }
        }
        assertEquals(-1, Files.mismatch(golden("finished-run/model.safetensors"), run.resolve("model.safetensors")));
    }

    private static List<JsonNode> losses(Path run) throws IOException {
        return lines(run.resolve("training/metrics.jsonl")).stream().filter(line -> line.has("loss")).toList();
    }

    @Test
    void anInterruptedExperimentGoesOnAfterWhatIsFinished() throws IOException {
        Path folder = copy("interrupted-experiment", "experiment");
        Path kept = folder.resolve("cells/baseline-seed-1/model.safetensors");
        Object before = Files.getLastModifiedTime(kept);
        JsonNode report = Run.json("experiment", "--config", golden("experiment.json"), "--out", folder, "--json");
        assertEquals(before, Files.getLastModifiedTime(kept));
        JsonNode expected = read(golden("expected-report.json"));
        assertEquals(List.of("zero-shot", "baseline", "g2r-d"), report.get("methods").findValuesAsText("method"));
        for (int row = 0; row < 3; row++) {
            for (String what : List.of("tests", "replies")) {
                assertClose(expected.get("methods").get(row).get(what), report.get("methods").get(row).get(what), what);
            }
        }
        assertTrue(Files.exists(folder.resolve("report.html")));
    }
}
