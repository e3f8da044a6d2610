package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.graph.Engine;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
    @TempDir
    static Path models;
    private static Path tiny;
    private static Path poly;

    @BeforeAll
    static void makeModels() throws IOException {
        tiny = TinyModel.biEncoder(models.resolve("tiny"), 1).path();
        poly = TinyModel.polyEncoder(models.resolve("poly"), 1).path();
    }

    @Test
    void encodingIsMeasured() throws IOException {
        JsonNode json = Run.json("bench", "encode", "-m", tiny, "--batch", "3", "--length", "5", "--runs", "4",
                "--warm-up", "0", "--json");
        assertTimes(json, 4);
        assertEquals(3, json.path("batch").asInt());
        assertEquals(5, json.path("length").asInt());
        assertEquals("tiny", json.path("model").asText());
        assertEquals(Engine.best(1).name(), json.path("engine").asText());
        String text = Run.ok("bench", "encode", "-m", tiny, "--batch", "1", "--length", "5", "--runs", "2", "--warm-up",
                "0");
        assertTrue(text.startsWith("encode 1 x 5 tokens, tiny") && text.contains("median"), text);
    }

    @Test
    void trainingIsMeasured() throws IOException {
        JsonNode json = Run.json("bench", "train-step", "-m", tiny, "--batch", "4", "--length", "6", "--runs", "9",
                "--warm-up", "0", "--threads", "2", "--json");
        assertTimes(json, 9);
        assertEquals(12, json.path("steps").asInt(), "three of them to warm up");
        assertEquals(5, json.path("losses").size());
        assertTrue(json.has("rss_mb_after_step_10") && json.has("rss_mb") && json.has("peak_rss_mb"));
        String text = Run.ok("bench", "train-step", "-m", tiny, "--batch", "4", "--length", "6", "--runs", "2",
                "--warm-up", "0");
        assertTrue(text.startsWith("train-step 4 x 6 tokens, tiny"), text);
        assertEquals(2, text.lines().count(), text);
    }

    @Test
    void searchIsMeasured() throws IOException {
        for (String spread : new String[]{"clustered", "isotropic"}) {
            JsonNode json = Run.json("bench", "search", "--rows", "1000", "--dims", "24", "--queries", "300", "--k",
                    "5", "--threads", "2", "--spread", spread, "--runs", "3", "--warm-up", "0", "--json");
            assertTimes(json, 3);
            assertEquals(1000, json.path("rows").asInt());
            assertEquals(300, json.path("queries").asInt());
            assertEquals(spread, json.path("spread").asText());
        }
        String text = Run.ok("bench", "search", "--rows", "10", "--dims", "2", "--runs", "1", "--warm-up", "0");
        assertTrue(text.contains("search 10 x 2, queries 1, k 10"), text);
    }

    @Test
    void repliesToRealContextsAreMeasuredByStage() throws IOException {
        Path talks = Files.writeString(models.resolve("talks.jsonl"), """
                {"id": "a", "turns": [{"s": "x", "t": "hello there"}, {"s": "y", "t": "hi you"}]}
                {"id": "b", "turns": [{"s": "x", "t": "what now"}, {"s": "y", "t": "tea"}, {"s": "x", "t": "good"}]}
                """);
        Path index = models.resolve("talks.index");
        Run.ok("index", "-m", tiny, "--data", talks, "--out", index);
        JsonNode json = Run.json("bench", "reply", "-m", tiny, "--index", index, "--contexts", talks, "--warm-up", "0",
                "--json");
        assertTimes(json, 3);
        assertEquals(3, json.path("replies").asInt());
        for (String stage : new String[]{"tokenise", "encode", "search"}) assertTimes(json.path(stage), 3);
        String text = Run.ok("bench", "reply", "-m", tiny, "--index", index, "--contexts", talks, "--warm-up", "0",
                "--limit", "2");
        assertTrue(text.startsWith("reply out of 3, tiny") && text.contains("(2 runs)"), text);
        Run.refused(Run.of("bench", "reply", "-m", tiny, "--index", index, "--contexts", talks, "--limit", "0"),
                "--limit 0");
    }

    static void assertTimes(JsonNode json, int runs) {
        double least = json.path("min_ms").asDouble();
        double median = json.path("median_ms").asDouble();
        double p99 = json.path("p99_ms").asDouble();
        assertTrue(0 < least && least <= median && median <= p99, json.toString());
        assertEquals(runs, json.path("runs").asInt());
    }

    @Test
    void quantilesAreThoseOfTheTimes() {
        Timings four = new Timings(new double[]{4, 1, 3, 2});
        assertEquals(1, four.least());
        assertEquals(2, four.median());
        assertEquals(4, four.p99());
        double[] hundred = new double[200];
        for (int i = 0; i < hundred.length; i++) hundred[i] = 200 - i;
        assertEquals(198, new Timings(hundred).p99());
    }

    @Test
    void whatCannotBeMeasuredIsRefused() {
        refused("--batch 0", "encode", "-m", tiny, "--batch", "0");
        refused("--length 41", "encode", "-m", tiny, "--length", "41");
        refused("--runs 0", "encode", "-m", tiny, "--length", "4", "--runs", "0");
        refused("--warm-up -1", "encode", "-m", tiny, "--length", "4", "--warm-up", "-1");
        refused("--threads 0", "encode", "-m", tiny, "--length", "4", "--threads", "0");
        refused("poly-encoder", "encode", "-m", poly, "--length", "4");
        refused("--batch 3", "train-step", "-m", tiny, "--batch", "3", "--length", "4");
        refused("--learning-rate 2.0", "train-step", "-m", tiny, "--length", "4", "--learning-rate", "2");
        refused("--rows 0", "search", "--rows", "0");
        refused("--dims 1", "search", "--dims", "1");
        refused("--queries 0", "search", "--queries", "0");
        refused("--k 11", "search", "--rows", "10", "--k", "11");
        refused("--spread", "search", "--spread", "flat");
    }

    private static void refused(String part, Object... arguments) {
        Object[] all = new Object[arguments.length + 1];
        all[0] = "bench";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        Run.refused(Run.of(all), part);
    }
}
