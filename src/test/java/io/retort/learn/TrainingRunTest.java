package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STEPS = 60;
    private static final Map<String, String> ENVIRONMENT = Map.of("made_by", "a test");

    @TempDir
    Path work;
    private final WorkerPool pool = new WorkerPool(2);

    @AfterEach
    void free() {
        pool.close();
    }

    private static TrainingSettings settings(int patience) {
        return new TrainingSettings(STEPS, new Optimizer.Adamax(Optimizer.Hyperparameters.withDecay(0.01)), 0.05,
                new Schedule.ReduceOnPlateau(5, 0, 0.5), 0.5, 10, patience, 4, Duration.ofHours(1), 2, 1);
    }

    private static ObjectNode config(long seed) {
        return JSON.createObjectNode().put("seed", seed).put("learning-rate", 0.05).put("threads", 2);
    }

    /** Does something after a step, or before the first. */
    private interface After {
        void step(long number, TrainingRun run, HardExamples task) throws IOException;
    }

    private TrainingResult train(Path out, TrainingSettings settings, After after) throws IOException {
        try (HardExamples task = new HardExamples(3);
                RunFolder folder = RunFolder.resume(out, config(3), Set.of("threads"))) {
            TrainingRun[] run = new TrainingRun[1];
            TrainingListener listener = new TrainingListener() {
                @Override
                public void stepped(StepReport report) throws IOException {
                    after.step(report.number(), run[0], task);
                }
            };
            run[0] = new TrainingRun(task, settings, folder, pool, List.of(listener));
            return run[0].run(ENVIRONMENT);
        }
    }

    private TrainingResult train(Path out) throws IOException {
        return train(out, settings(0), (_, _, _) -> {});
    }

    @Test
    void aRunConvergesAndLeavesAModelWithCardAndProvenance() throws IOException {
        TrainingResult result = train(work.resolve("run"));
        assertEquals(TrainingResult.Ending.DONE, result.ending());
        assertEquals(STEPS, result.steps());
        Validation best = result.best().orElseThrow();
        assertTrue(best.metric() > 0.95, best.toString());
        JsonNode provenance = JSON.readTree(work.resolve("run/provenance.json").toFile());
        assertEquals(3, provenance.at("/config/seed").asLong());
        assertEquals("ab12", provenance.at("/data/0/sha256").asText());
        assertEquals(best.metric(), provenance.at("/best/metrics/accuracy").asDouble());
        String card = Files.readString(work.resolve("run/README.md"));
        for (String part : List.of("# run", "retort reproduce", "points.jsonl", "CC0-1.0", "\"seed\" : 3",
                "| step | accuracy |", "Logistic regression"))
            assertTrue(card.contains(part), part);
        assertTrue(Files.exists(work.resolve("run/1_Pooling/config.json")), "folders within are kept");
        assertEquals(1, names(work.resolve("run/training"), ".retort").size(), "events");
        assertEquals(result, train(work.resolve("run")), "what has ended is not trained again");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 13, 30})
    void aStoppedRunGoesOnToTheSameBits(long at) throws IOException {
        train(work.resolve("whole"));
        TrainingResult stopped = train(work.resolve("parts"), settings(0),
                (number, run, _) -> {
                    if (number == at) run.stop();
                });
        assertEquals(TrainingResult.Ending.INTERRUPTED, stopped.ending());
        assertEquals(at, stopped.steps());
        assertFalse(Files.exists(work.resolve("parts/config.json")), "no model yet");
        train(work.resolve("parts"));
        assertSame(work.resolve("whole"), work.resolve("parts"));
    }

    /** The folder as it is at some moment, a checkpoint half written, is all that a killed process leaves. */
    @ParameterizedTest
    @ValueSource(longs = {2, 21, 47})
    void aRunKilledAtAnyMomentGoesOnToTheSameBits(long at) throws IOException {
        Path killed = work.resolve("killed");
        train(work.resolve("whole"), settings(0), (number, _, _) -> {
            if (number == at) copy(work.resolve("whole"), killed);
        });
        Files.writeString(killed.resolve("training/checkpoint-0000000099.safetensors.x.part"), "half");
        Files.writeString(killed.resolve("training/metrics.jsonl"),
                Files.readString(killed.resolve("training/metrics.jsonl")) + "{\"step\": 4");
        train(killed);
        assertSame(work.resolve("whole"), killed);
        assertEquals(List.of(), names(killed.resolve("training"), ".part"));
    }

    @Test
    void aRunKilledInEarnestGoesOnToTheSameBits() throws IOException, InterruptedException {
        train(work.resolve("whole"));
        Path killed = work.resolve("killed");
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
        command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-cp", System.getProperty("java.class.path"),
                SlowRun.class.getName(), killed.toString(), ""));
        for (int kills = 0; kills < 2; kills++) {
            int before = checkpointsIn(killed);
            command.set(command.size() - 1, Integer.toString(before + 15)); // beyond the next checkpoint
            Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(work.resolve("output").toFile()).start();
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(600);
            while (process.isAlive() && checkpointsIn(killed) <= before && System.nanoTime() < until) Thread.sleep(5);
            assertTrue(process.isAlive(), Files.readString(work.resolve("output")));
            process.destroyForcibly().waitFor();
        }
        assertTrue(checkpointsIn(killed) > 0);
        train(killed);
        assertSame(work.resolve("whole"), killed);
    }

    /** The step of the newest checkpoint. */
    private static int checkpointsIn(Path out) throws IOException {
        if (!Files.isDirectory(out.resolve("training"))) return 0;
        List<String> names = names(out.resolve("training"), ".safetensors");
        return names.isEmpty() ? 0 : Integer.parseInt(names.getLast().replaceAll("\\D", ""));
    }

    /** What a child process runs until it is killed: slowly, and after a certain step not on. */
    static final class SlowRun {
        public static void main(String[] arguments) throws IOException {
            long last = Long.parseLong(arguments[1]);
            try (WorkerPool pool = new WorkerPool(1); HardExamples task = new HardExamples(3) {
                @Override
                public Step step(long step) {
                    try {
                        Thread.sleep(step <= last ? 40 : 900_000);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return super.step(step);
                }
            }; RunFolder folder = RunFolder.resume(Path.of(arguments[0]), config(3), Set.of("threads"))) {
                new TrainingRun(task, settings(0), folder, pool, List.of()).run(ENVIRONMENT);
            }
        }
    }

    private static void assertSame(Path expected, Path actual) throws IOException {
        assertArrayEquals(Files.readAllBytes(expected.resolve("model.safetensors")),
                Files.readAllBytes(actual.resolve("model.safetensors")), "weights");
        List<JsonNode> lines = metrics(expected), others = metrics(actual);
        for (int i = 0; i < Math.min(lines.size(), others.size()); i++) assertEquals(lines.get(i), others.get(i));
        assertEquals(lines.size(), others.size(), "lines of metrics");
    }

    /** Lines of the metrics without what time alone tells. */
    private static List<JsonNode> metrics(Path out) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(out.resolve("training/metrics.jsonl"))) {
            lines.add(((ObjectNode) JSON.readTree(line)).without("seconds"));
        }
        return lines;
    }

    private static List<String> names(Path folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(suffix)).sorted()
                    .toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> tree = Files.walk(from)) {
            for (Path path : tree.toList()) Files.copy(path, to.resolve(from.relativize(path).toString()));
        }
    }

    @Test
    void theModelHasTheWeightsOfTheBestValidation() throws IOException {
        List<byte[]> bits = new ArrayList<>();
        TrainingResult result = train(work.resolve("run"), settings(0), (_, _, task) -> bits.add(task.bits()));
        long best = result.best().orElseThrow().step();
        assertTrue(best > 0 && best < STEPS, "the best is neither the first nor the last: " + best);
        byte[] file = Files.readAllBytes(work.resolve("run/model.safetensors"));
        int weights = 20 * Float.BYTES;
        String all = new String(file, StandardCharsets.ISO_8859_1);
        byte[] expected = Arrays.copyOf(bits.get((int) best - 1), weights);
        assertTrue(all.contains(new String(expected, StandardCharsets.ISO_8859_1)));
    }

    @Test
    void trainingStopsEarlyWhenNothingGetsBetter() throws IOException {
        TrainingResult result = train(work.resolve("run"), settings(1), (_, _, _) -> {});
        assertEquals(TrainingResult.Ending.EARLY, result.ending());
        assertEquals(result.best().orElseThrow().step() + 10, result.steps());
        assertTrue(result.steps() < STEPS);
    }

    @Test
    void asManyCheckpointsAreKeptAsAskedForAndTheBest() throws IOException {
        List<List<String>> seen = new ArrayList<>();
        train(work.resolve("run"), settings(0), (number, run, _) -> {
            seen.add(names(work.resolve("run/training"), ".safetensors"));
            if (number == 58) run.stop();
        });
        for (List<String> names : seen) assertTrue(names.size() <= 3, names.toString());
        assertTrue(seen.stream().anyMatch(names -> names.size() == 3));
        train(work.resolve("run"));
        assertEquals(List.of(), names(work.resolve("run/training"), ".safetensors"), "none after the end");
    }

    @Test
    void aLossThatIsNoNumberEndsTheRunAndKeepsTheLastCheckpoint() throws IOException {
        Path out = work.resolve("run");
        TrainingDiverged error = assertThrows(TrainingDiverged.class,
                () -> train(out, settings(0), (number, _, task) -> {
                    if (number == 6) task.poison();
                }));
        assertTrue(error.getMessage().contains("step 7: the loss is NaN"), error.getMessage());
        assertTrue(error.getMessage().contains("checkpoint-0000000004.safetensors"), error.getMessage());
        train(out); // without the poison
        train(work.resolve("whole"));
        assertSame(work.resolve("whole"), out);
    }

    @Test
    void anAlteredCheckpointIsRefusedByNameAndTheOneBeforeItServes() throws IOException {
        Path out = work.resolve("run");
        train(out, settings(0), (number, run, _) -> {
            if (number == 15) run.stop();
        });
        Path newest = out.resolve("training/checkpoint-0000000015.safetensors");
        byte[] good = Files.readAllBytes(newest);
        for (int at = 0; at < good.length; at += good.length / 37) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(newest, bad);
            refused(() -> train(out), newest.toString());
        }
        for (int length : new int[]{0, 7, good.length / 2, good.length - 1}) {
            Files.write(newest, Arrays.copyOf(good, length));
            refused(() -> train(out), newest.toString());
        }
        Files.delete(newest);
        train(out);
        train(work.resolve("whole"));
        assertSame(work.resolve("whole"), out);
    }

    @Test
    void anotherSettingIsRefusedByNameUnlessItChangesNoResult() throws IOException {
        Path out = work.resolve("run");
        RunFolder.create(out, config(3)).close();
        refused(() -> RunFolder.resume(out, config(4), Set.of("threads")), "seed 3, not seed 4", "config.json");
        refused(() -> RunFolder.resume(out, config(3).put("more", 1), Set.of()), "no more, not more 1");
        RunFolder.resume(out, config(3).put("threads", 1), Set.of("threads")).close();
    }

    @Test
    void dataThatHaveChangedSinceTheBeginningAreRefusedByName() throws IOException {
        Path out = work.resolve("run");
        train(out, settings(0), (number, run, _) -> {
            if (number == 15) run.stop();
        });
        try (HardExamples other = new HardExamples(3, "cd34");
                RunFolder folder = RunFolder.resume(out, config(3), Set.of())) {
            refused(() -> new TrainingRun(other, settings(0), folder, pool, List.of()).run(ENVIRONMENT),
                    "points.jsonl has changed");
        }
    }

    @Test
    void aFolderOfAnotherRunOrOfOtherThingsIsRefused() throws IOException {
        Path out = work.resolve("run");
        RunFolder.create(out, config(3)).close();
        refused(() -> RunFolder.create(out, config(3)), "resume", out.toString());
        Path other = Files.createDirectories(work.resolve("other"));
        Files.writeString(other.resolve("thesis.txt"), "mine");
        refused(() -> RunFolder.create(other, config(3)), "thesis.txt");
        refused(() -> RunFolder.resume(other, config(3), Set.of()), "thesis.txt");
        refused(() -> RunFolder.create(other.resolve("thesis.txt"), config(3)), "is a file");
        assertEquals("mine", Files.readString(other.resolve("thesis.txt")));
        refused(() -> RunConfig.read(other), "no training run");
    }

    @Test
    void twoRunsInOneFolderAreRefused() throws IOException {
        try (RunFolder _ = RunFolder.create(work.resolve("run"), config(3))) {
            refused(() -> RunFolder.resume(work.resolve("run"), config(3), Set.of()), "another process");
        }
    }

    private interface Work {
        Object run() throws IOException;
    }

    private static void refused(Work work, String... parts) {
        BadInput refusal = assertThrows(BadInput.class, work::run);
        for (String part : parts) assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
}
