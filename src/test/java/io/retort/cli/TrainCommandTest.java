package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.model.ModelFolder;
import io.retort.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path shared;
    private static Path model;
    private static Path dialogues;
    private static Path distilled;
    private static Path ranking;

    @TempDir
    Path work;
    private Path out;

    @BeforeAll
    static void makeData() throws IOException {
        model = TinyModel.biEncoder(shared.resolve("tiny"), 1).path();
        List<String> talks = new ArrayList<>(), contexts = new ArrayList<>(), cases = new ArrayList<>();
        for (int i = 0; i + 3 < TinyModel.WORDS.size(); i++) {
            List<String> words = TinyModel.WORDS.subList(i, i + 4);
            String turn = words.get(0) + " " + words.get(1), reply = words.get(2) + " " + words.get(3);
            talks.add("{\"id\":\"%d\",\"turns\":[{\"s\":\"A\",\"t\":\"%s\"},{\"s\":\"B\",\"t\":\"%s\"}]}".formatted(i,
                    turn, reply));
            contexts.add(
                    ("{\"id\":\"%d\",\"context\":[\"%s\"],\"candidates\":[{\"text\":\"%s\",\"source\":\"original\","
                            + "\"ll\":-2.0,\"mi\":0.5},{\"text\":\"%s too\",\"source\":\"generated\",\"ll\":-1.0,\"mi\":0.25}]}")
                            .formatted(i, turn, reply, words.get(3)));
            cases.add("{\"id\":\"%d\",\"context\":[\"%s\"],\"positive\":[\"%s\"],\"random\":[\"%s\",\"%s\"]}"
                    .formatted(i, turn, reply, words.get(0), words.get(1)));
        }
        dialogues = Files.write(shared.resolve("talks.jsonl"), talks);
        distilled = Files.write(shared.resolve("distilled.jsonl"), contexts);
        ranking = Files.write(shared.resolve("ranking.jsonl"), cases);
    }

    @BeforeEach
    void name() {
        out = work.resolve("out");
    }

    /** A small training with these options besides. */
    private List<Object> command(Path target, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("train", "-m", model, "--data", dialogues, "--out", target,
                "--steps", 12, "--batch", 4, "--negatives", 8, "--warmup", 2, "--learning-rate", "1e-2",
                "--min-words", 1, "--context-tokens", 16, "--reply-tokens", 8, "--validate-every", 4, "--validate-on",
                ranking, "--threads", 2));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private Run train(Path target, Object... more) {
        return Run.of(command(target, more).toArray());
    }

    @Test
    void aBaselineIsTrainedOnDialoguesAndOpensAsAModel() throws IOException {
        JsonNode result = Run.json(command(out, "--json").toArray());
        assertEquals("done", result.get("ending").asText());
        assertEquals(12, result.get("steps").asLong());
        assertTrue(result.get("best").get("hits@1").asDouble() > 0);
        ModelFolder.open(out);
        Run.ok("inspect", out);
        assertEquals(15, Files.readAllLines(out.resolve("training/metrics.jsonl")).size() - 1);
        assertTrue(Files.readString(out.resolve("README.md")).contains("talks.jsonl"));
    }

    @Test
    void everyMethodTrains() throws IOException {
        for (String method : List.of("baseline", "g2r-d", "g2r-dm")) {
            JsonNode result = Run.json(command(work.resolve(method), "--json", "--method", method, "--data", distilled)
                    .toArray());
            assertEquals("done", result.get("ending").asText(), method);
        }
    }

    @Test
    void aRunIsReproducedBitForBitAndFromItsOwnConfigFile() throws IOException {
        Run.ok(command(out).toArray());
        String said = Run.ok("reproduce", out, "--out", work.resolve("again"));
        assertTrue(said.contains("bit for bit"), said);
        Run.ok("train", "--config", out.resolve("training/config.json"), "--out", work.resolve("third"));
        assertArrayEquals(Files.readAllBytes(out.resolve("model.safetensors")),
                Files.readAllBytes(work.resolve("third/model.safetensors")));
    }

    @Test
    void aReproductionThatDiffersSaysWhereAndEndsWithOne() throws IOException {
        Run.ok(command(out).toArray());
        byte[] weights = Files.readAllBytes(out.resolve("model.safetensors"));
        weights[weights.length - 2] ^= 1;
        Files.write(out.resolve("model.safetensors"), weights);
        Run run = Run.of("reproduce", out, "--out", work.resolve("again"), "--json");
        assertEquals(1, run.code(), run.err());
        assertFalse(JSON.readTree(run.out()).get("identical").asBoolean());
    }

    @Test
    void aReproductionFromOtherDataIsRefused() throws IOException {
        Path copy = Files.copy(dialogues, work.resolve("copy.jsonl"));
        Run.ok("train", "-m", model, "--data", copy, "--out", out, "--steps", 2, "--batch", 4, "--negatives", 4,
                "--min-words", 1, "--context-tokens", 16, "--reply-tokens", 8);
        Files.writeString(copy, Files.readString(copy).replace("hello", "good"));
        Run.refused(Run.of("reproduce", out, "--out", work.resolve("again")), "copy.jsonl", "is not what", "sha256");
    }

    @Test
    void resumingWhereNothingIsBeginsAndWhereAllIsDoneSaysSo() throws IOException {
        JsonNode first = Run.json(command(out, "--resume", "--json").toArray());
        assertEquals(first, Run.json(command(out, "--resume", "--json").toArray()));
    }

    @Test
    void aFolderOfAnotherRunIsRefusedAndSoAreOtherSettings() throws IOException {
        Run.ok(command(out).toArray());
        Run.refused(train(out), "--resume", "another --out");
        Run.refused(train(out, "--resume", "--seed", 9), "seed 1, not seed 9");
        Run.ok(command(out, "--resume", "--threads", 1).toArray());
    }

    @Test
    void whatIsRefusedLeavesNoFolder() {
        Run.refused(train(out, "--data", work.resolve("none.jsonl")), "none.jsonl", "no such file");
        Run.refused(train(out, "--method", "g2r-dm"), "talks.jsonl", "retort score");
        Run.refused(train(out, "--steps", 0), "--steps 0");
        Run.refused(train(out, "--optimizer", "lion"), "lion");
        Run.refused(train(out, "--learning-rate", -1), "--learning-rate -1");
        Run.refused(train(out, "--warmup", -1), "--warmup -1");
        Run.refused(train(out, "--task", "generator"), "--task generator", "retrieval");
        Run.refused(Run.of("train", "-m", model, "--out", out), "--data");
        Run.refused(Run.of("train", "-m", model, "--data", dialogues, "--out", out, "--schedule", "plateau"),
                "--schedule plateau", "--validate-on");
        Run.refused(train(out, "--patience", 1, "--validate-every", 0), "--patience", "--validate-on");
        Run.refused(Run.of("train", "-m", model, "--data", dialogues), "--out");
        assertFalse(Files.exists(out));
    }

    @Test
    void anUnknownKeyOfAConfigFileIsAnsweredWithTheNearest() throws IOException {
        Path config = Files.writeString(work.resolve("settings.json"), "{\"learning_rate\": 1e-3}");
        Run.refused(train(out, "--config", config), config, "learning_rate", "did you mean \"learning-rate\"?");
    }

    @Test
    void printedSettingsAreAConfigFile() throws IOException {
        ObjectNode printed = (ObjectNode) Run.json(command(out, "--print-config", "--seed", 5).toArray());
        assertEquals(5, printed.get("seed").asInt());
        assertEquals(dialogues.toString(), printed.get("data").get(0).asText());
        assertFalse(printed.has("out") || printed.has("resume") || printed.has("help"));
        Path config = Files.writeString(work.resolve("settings.json"), printed.toString());
        assertEquals(printed, Run.json("train", "--config", config, "--print-config"));
        assertFalse(Files.exists(out));
    }
}
