package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.FolderLock;
import io.retort.files.Folders;
import io.retort.generate.TinyTeacher;
import io.retort.graph.ComputeRuntime;
import io.retort.jobs.ComparedMethod;
import io.retort.jobs.ExperimentSettings;
import io.retort.jobs.TrainJob;
import io.retort.jobs.TrainSettings;
import io.retort.learn.StepReport;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingResult;
import io.retort.runtime.RuntimeSettings;
import io.retort.settings.SettingsCodec;
import io.retort.settings.SettingsFile;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ExperimentCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> METHODS = List.of("baseline", "g2r-d", "g2r-dm-ll", "g2r-dm-mi");
    /** A reply that would be markup. */
    private static final String HOSTILE = "<script src='http://evil.example/x.js'>alert(\\\"cat\\\")</script> & dog";

    @TempDir
    static Path shared;
    private static Path config;
    private static Path finished;
    private static JsonNode report;

    @TempDir
    Path work;

    @BeforeAll
    static void runTheWholeGrid() throws IOException {
        List<String> distilled = new ArrayList<>(), cases = new ArrayList<>();
        for (int i = 0; i + 3 < TinyModel.WORDS.size(); i++) {
            List<String> words = TinyModel.WORDS.subList(i, i + 4);
            String turn = words.get(0) + " " + words.get(1), reply = words.get(2) + " " + words.get(3);
            String generated = i == 7 ? HOSTILE : words.get(3) + " too";
            distilled.add(
                    ("{\"id\":\"%d\",\"context\":[\"%s\"],\"candidates\":[{\"text\":\"%s\",\"source\":\"original\","
                            + "\"ll\":-2.0,\"mi\":0.5},{\"text\":\"%s\",\"source\":\"generated\",\"ll\":-1.0,\"mi\":0.25}]}")
                            .formatted(i, turn, reply, generated));
            cases.add(("{\"id\":\"%d\",\"context\":[\"%s\"],\"positive\":[\"%s\"],\"adversarial\":[\"%s too\"],"
                    + "\"random\":[\"%s\",\"%s\"]}").formatted(i, turn, reply, turn, words.get(0), words.get(1)));
        }
        // Every model's first context is answered by markup: the only reply of these tokens.
        cases.set(0,
                cases.getFirst().replaceFirst("\"context\":\\[[^]]*]", "\"context\":[\"" + HOSTILE.replace("\\", "\\\\")
                        + "\"]"));
        ObjectNode settings = JSON.createObjectNode()
                .put("model", TinyModel.biEncoder(shared.resolve("tiny"), 1).path().toString()).put("steps", 4)
                .put("batch", 4).put("negatives", 8).put("learning-rate", 1e-2).put("min-words", 1)
                .put("context-tokens", 16).put("reply-tokens", 8).put("validate-every", 2).put("threads", 2)
                .put("checkpoint-every", 1).put("most-contexts", 12).put("samples", 5).put("teacher-replies", 2);
        settings.putArray("seeds").add(1).add(2);
        settings.putArray("data").add(Files.write(shared.resolve("distilled.jsonl"), distilled).toString());
        String ranking = Files.write(shared.resolve("ranking.jsonl"), cases).toString();
        settings.putArray("validate-on").add(ranking);
        settings.putArray("tests").add(ranking);
        settings.put("contexts", ranking).put("teacher", TinyTeacher.write(shared.resolve("teacher")).toString());
        Path teacher = shared.resolve("teacher/config.json");
        Files.writeString(teacher,
                Files.readString(teacher).replaceFirst("(\"max_position_embeddings\": *)\\d+", "$11024"));
        config = Files.writeString(shared.resolve("settings.json"), settings.toString());
        finished = shared.resolve("finished");
        report = run(finished);
    }

    private static JsonNode run(Path out, Object... more) throws IOException {
        List<Object> arguments = new ArrayList<>(List.of("experiment", "--config", config, "--out", out, "--json"));
        arguments.addAll(List.of(more));
        return Run.json(arguments.toArray());
    }

    private static JsonNode withoutTimes(JsonNode original) {
        JsonNode root = original.deepCopy();
        root.findParents("latency_ms").forEach(parent -> ((ObjectNode) parent).remove("latency_ms"));
        root.findParents("seconds").forEach(parent -> ((ObjectNode) parent).remove("seconds"));
        return root;
    }

    @Test
    void theGridIsTrainedMeasuredAndCompared() throws IOException {
        assertEquals(8, report.get("cells").size());
        List<String> rows = new ArrayList<>(List.of("zero-shot"));
        rows.addAll(METHODS);
        assertEquals(rows, report.get("methods").findValuesAsText("method"));
        for (JsonNode method : report.get("methods")) {
            JsonNode hits = method.get("tests").get("ranking").get("hits@1");
            assertTrue(hits.get("ci").get(0).asDouble() <= hits.get("value").asDouble(), hits.toString());
            for (String figure : List.of("dist-2", "dist-3", "length", "ll", "mi")) {
                assertTrue(method.get("replies").has(figure), figure);
            }
            assertTrue(method.get("latency_ms").get("p50").asDouble() > 0);
        }
        assertTrue(report.get("teacher").get("latency_ms").get("p50").asDouble() > 0);
        assertEquals(10 * 7, report.get("comparisons").size());
        assertEquals(5, report.get("samples").size());
        assertEquals(JSON.readTree(finished.resolve("report.json").toFile()), report);
    }

    @Test
    void valuesOverSeedsAreTheMeansOfTheSeeds() {
        for (JsonNode method : report.get("methods")) {
            JsonNode mrr = method.get("tests").get("ranking").get("mrr");
            double sum = 0;
            for (JsonNode seed : mrr.get("by_seed")) sum += seed.asDouble();
            assertEquals(sum / mrr.get("by_seed").size(), mrr.get("value").asDouble(), 1e-9);
        }
    }

    @Test
    void killedAndResumedItReportsTheSameNumbers() throws Exception {
        Path out = work.resolve("out");
        Folders.delete(out);
        interrupted(out, ComparedMethod.BASELINE, 1);
        assertEquals(withoutTimes(report).get("methods"), withoutTimes(run(out)).get("methods"));
        // What is finished is kept.
        Path weights = out.resolve("cells/g2r-d-seed-2/model.safetensors");
        Object before = Files.getLastModifiedTime(weights);
        Files.delete(out.resolve("report.html"));
        Files.delete(out.resolve("evaluations/g2r-d-seed-2.json"));
        assertEquals(withoutTimes(report).get("comparisons"), withoutTimes(run(out)).get("comparisons"));
        assertEquals(before, Files.getLastModifiedTime(weights));
        assertTrue(Files.exists(out.resolve("report.html")));
    }

    @Test
    @Tag("slow")
    void aProcessKilledInEarnestIsTakenUpToTheSameWeightsAndNumbers() throws Exception {
        Path out = work.resolve("out");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                        "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-cp",
                        System.getProperty("java.class.path"), Main.class.getName(), "experiment", "--config",
                        config.toString(), "--out", out.toString()));
        // In a training run, between a measurement and the next run, in a later run.
        for (String reached : List.of("cells/g2r-d-seed-1/training/config.json", "evaluations/g2r-dm-mi-seed-1.json",
                "cells/g2r-d-seed-2/training/config.json")) {
            Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(work.resolve("log").toFile()).start();
            while (process.isAlive() && !Files.exists(out.resolve(reached))) Thread.sleep(2);
            boolean alive = process.isAlive();
            process.destroyForcibly().waitFor();
            assertTrue(alive, Files.readString(work.resolve("log")));
        }
        assertFalse(Files.exists(out.resolve("report.json")));
        assertEquals(withoutTimes(report).get("methods"), withoutTimes(run(out)).get("methods"));
        for (JsonNode cell : report.get("cells")) {
            Path weights = Path.of("cells", cell.get("name").asText(), "model.safetensors");
            assertEquals(-1, Files.mismatch(finished.resolve(weights), out.resolve(weights)), weights.toString());
        }
    }

    @Test
    void aFolderInWhichAnotherProcessWorksIsRefused() throws IOException {
        try (FolderLock _ = FolderLock.take(finished.resolve("lock"), BadInput.of("busy", ""))) {
            Run.refused(Run.of("experiment", "--config", config, "--out", finished), finished, "another process");
        }
        run(finished);
    }

    /** The folder of an experiment whose first run was stopped after its second step. */
    private static void interrupted(Path out, ComparedMethod method, long seed) throws Exception {
        Run.ok("experiment", "--config", config, "--print-config");
        SettingsCodec<ExperimentSettings> codec = SettingsCodec.of(ExperimentSettings.class);
        ObjectNode settings = SettingsFile.read(config);
        settings.remove("threads");
        TrainSettings train = codec.read(settings, codec.defaults(), config).train();
        Files.createDirectories(out);
        Files.copy(finished.resolve("config.json"), out.resolve("config.json"));
        TrainJob job = TrainJob.begin(train.withSeed(seed).withStudent(
                train.student().withMethod(method.recipe(), method.score())),
                out.resolve("cells").resolve(method + "-seed-" + seed));
        TrainingListener stopper = new TrainingListener() {
            @Override
            public void stepped(StepReport step) {
                if (step.number() == 2) job.stop();
            }
        };
        try (ComputeRuntime runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(2))) {
            assertEquals(TrainingResult.Ending.INTERRUPTED, job.run(runtime, stopper).ending());
        }
    }

    @Test
    void aRunOfTheGridCanBeReproduced() {
        String said = Run.ok("reproduce", finished.resolve("cells/g2r-dm-mi-seed-2"), "--out", work.resolve("again"));
        assertTrue(said.contains("bit for bit"), said);
    }

    @Test
    void thePageIsWellFormedNeedsNothingElseAndEscapesTexts() throws Exception {
        String page = Files.readString(finished.resolve("report.html"));
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        Document document = factory.newDocumentBuilder().parse(finished.resolve("report.html").toFile());
        Set<String> tags = new HashSet<>();
        NodeList all = document.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            Element element = (Element) all.item(i);
            tags.add(element.getTagName());
            for (String attribute : List.of("src", "href", "xlink:href", "onload")) {
                assertFalse(element.hasAttribute(attribute), element.getTagName());
            }
        }
        for (String tag : List.of("script", "link", "img", "iframe")) assertFalse(tags.contains(tag), tag);
        assertTrue(tags.containsAll(List.of("svg", "table", "polyline", "details")), tags.toString());
        assertFalse(page.contains("url(") || page.contains("@import"));
        assertTrue(page.contains("&lt;script src=&#39;http://evil.example/x.js&#39;&gt;"));
        assertTrue(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
    }

    @Test
    void thePageNumbersSamplesSharesAxesTellsTimesAndWarnsOfFewCases() throws Exception {
        String page = Files.readString(finished.resolve("report.html"));
        for (int number = 1; number <= 5; number++) assertTrue(page.contains("<h3>Sample " + number + "</h3>"));
        assertFalse(page.contains("Sample 6"));
        int cases = report.get("tests").get("ranking").asInt();
        assertTrue(page.contains("Few cases: ranking (" + cases + "), answered contexts (12)."));
        // Every plot of a share has the whole axis.
        for (String metric : List.of("hits@1", "mrr", "Dist-2 of chosen replies")) {
            int from = page.indexOf("<figcaption>" + metric.replace(">", "&gt;"));
            String plot = page.substring(from, page.indexOf("</figure>", from));
            assertTrue(plot.contains(">0.0</text>") && plot.contains(">1.0</text>"), plot);
        }
        String times = page.substring(page.indexOf("<h2>Time and settings</h2>"), page.indexOf("<h2>Provenance</h2>"));
        for (JsonNode cell : report.get("cells")) {
            assertTrue(times.contains("<th>" + cell.get("name").asText() + "</th>"), times);
        }
        assertTrue(times.contains("<th>learning-rate</th>\n<td class=\"text\">0.01</td>"), times);
    }

    @Test
    void withoutATeacherTheReportSaysSo() throws IOException {
        Path out = work.resolve("out");
        ObjectNode settings = (ObjectNode) JSON.readTree(config.toFile());
        settings.remove("teacher");
        Path file = Files.writeString(work.resolve("settings.json"), settings.toString());
        JsonNode told = Run.json("experiment", "--config", file, "--out", out, "--methods", "baseline,g2r-d", "--seeds",
                "3", "--json");
        assertTrue(told.get("teacher").isNull());
        assertFalse(told.get("methods").get(0).get("replies").has("ll"));
        assertTrue(Files.readString(out.resolve("report.html")).contains("No teacher was given"));
        String table = Run.ok("experiment", "--config", file, "--out", out, "--methods", "baseline,g2r-d", "--seeds",
                "3");
        assertTrue(table.contains("ranking hits@1") && table.contains("g2r-d") && table.contains("report.html"), table);
    }

    @Test
    void aRunThatKeptTheWeightsItBeganWithIsNamed() throws IOException {
        Path out = work.resolve("out");
        String table = Run.ok("experiment", "--config", config, "--out", out, "--methods", "baseline", "--seeds", "3",
                "--learning-rate", "1e-30");
        assertTrue(table.contains("kept the weights they began with: baseline-seed-3"), table);
        assertTrue(Files.readString(out.resolve("report.html")).contains("began with: baseline-seed-3."));
    }

    @Test
    void listedNegativesAreTrainedWithInEveryCellAndBelongToWhatDecidesTheResults() throws IOException {
        Path out = work.resolve("out");
        Path file = Files.writeString(work.resolve("negatives.jsonl"), "{\"id\":\"0\",\"negatives\":[\"not this\"]}\n");
        run(out, "--methods", "baseline", "--seeds", "3", "--negatives-from", file);
        JsonNode own = JSON.readTree(out.resolve("cells/baseline-seed-3/training/config.json").toFile());
        assertEquals(file.toString(), own.get("negatives-from").get(0).textValue());
        Files.writeString(file, "{\"id\":\"1\",\"negatives\":[\"not this\"]}\n");
        Run.refused(Run.of("experiment", "--config", config, "--out", out, "--methods", "baseline", "--seeds", "3",
                "--negatives-from", file), "digests");
    }

    @Test
    void otherSettingsInTheSameFolderAreRefused() {
        Run.refused(Run.of("experiment", "--config", config, "--out", finished, "--steps", 5), "steps 4, not steps 5");
    }

    @Test
    void mistakesInTheConfigAreRefusedBeforeAnythingIsWritten() throws IOException {
        Path out = work.resolve("out");
        Path wrong = Files.writeString(work.resolve("wrong.json"), "{\"seed\": 1}");
        Run.refused(Run.of("experiment", "--config", wrong, "--out", out), "--seed", "--seeds");
        wrong = Files.writeString(work.resolve("wrong.json"), "{\"contextz\": 1}");
        Run.refused(Run.of("experiment", "--config", wrong, "--out", out), "contextz", "did you mean \"contexts\"?");
        Run.refused(Run.of("experiment", "--config", config, "--out", out, "--methods", "g2r"), "g2r-dm-ll");
        Run.refused(Run.of("experiment", "--config", config, "--out", out, "--seeds", "1,1"), "twice");
        Run.refused(Run.of("experiment", "--config", config), "--out");
        Run.refused(Run.of("experiment", "--config", config, "--out", out, "--contexts", work.resolve("none.jsonl")),
                "none.jsonl");
        assertFalse(Files.exists(out));
    }

    @Test
    void printedSettingsAreAConfigFile() throws IOException {
        JsonNode printed = Run.json("experiment", "--config", config, "--print-config");
        assertFalse(printed.has("method") || printed.has("seed"));
        Path same = Files.writeString(work.resolve("same.json"), printed.toString());
        assertEquals(printed, Run.json("experiment", "--config", same, "--print-config"));
    }
}
