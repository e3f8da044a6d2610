package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.Sha256;
import io.retort.generate.TinyTeacher;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
    private static Path config;
    private static Path trained;
    private static JsonNode result;

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
        makeSettings();
    }

    /** A small training: its settings in a file, so that options may say otherwise. */
    private static void makeSettings() throws IOException {
        ObjectNode settings = JSON.createObjectNode().put("model", model.toString()).put("steps", 6).put("batch", 4)
                .put("negatives", 8).put("warmup", 2).put("learning-rate", 1e-2).put("min-words", 1)
                .put("context-tokens", 16).put("reply-tokens", 8).put("validate-every", 3).put("threads", 2);
        settings.putArray("data").add(dialogues.toString());
        settings.putArray("validate-on").add(ranking.toString());
        config = Files.writeString(shared.resolve("settings.json"), settings.toString());
        trained = shared.resolve("trained");
        result = Run.json(command(trained, "--json").toArray());
    }

    @BeforeEach
    void name() {
        out = work.resolve("out");
    }

    private static List<Object> command(Path target, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("train", "--config", config, "--out", target));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private static Run train(Path target, Object... more) {
        return Run.of(command(target, more).toArray());
    }

    @Test
    void aBaselineIsTrainedOnDialoguesAndOpensAsAModel() throws IOException {
        assertEquals("done", result.get("ending").asText());
        assertEquals(6, result.get("steps").asLong());
        assertTrue(result.get("best").get("hits@1").asDouble() > 0);
        ModelFolder.open(trained);
        Run.ok("inspect", trained);
        assertEquals(6 + 3, Files.readAllLines(trained.resolve("training/metrics.jsonl")).size());
        assertTrue(Files.readString(trained.resolve("README.md")).contains("talks.jsonl"));
    }

    @Test
    void theTeachersMethodsTrainOnDistilledData() throws IOException {
        for (String method : List.of("g2r-d", "g2r-dm")) {
            JsonNode ended = Run.json(command(work.resolve(method), "--json", "--method", method, "--data", distilled)
                    .toArray());
            assertEquals("done", ended.get("ending").asText(), method);
        }
    }

    @Test
    void aGeneratorIsTunedOnDialoguesWholeOrByAdaptersAndOpensAsALanguageModel() throws IOException {
        Path teacher = TinyTeacher.write(work.resolve("teacher"));
        Path talks = Files.write(work.resolve("letters.jsonl"), List.of(
                "{\"id\":\"1\",\"turns\":[{\"s\":\"x\",\"t\":\"any news\"},{\"s\":\"y\",\"t\":\"none\"}]}",
                "{\"id\":\"2\",\"turns\":[{\"s\":\"x\",\"t\":\"tea\"},{\"s\":\"y\",\"t\":\"milk\"}]}"));
        for (int rank : new int[]{0, 4}) {
            Path tuned = work.resolve("tuned" + rank);
            JsonNode ended = Run.json("train", "--task", "generator", "-m", teacher, "--data", talks, "--validate-on",
                    talks, "--batch", 2, "--max-tokens", 40, "--steps", 20, "--warmup", 2, "--learning-rate", 1e-2,
                    "--validate-every", 10, "--threads", 2, "--lora", rank, "--weights", "bf16", "--out", tuned,
                    "--json");
            assertTrue(ended.get("best").get("perplexity").asDouble() < 50, ended.toString());
            assertEquals(rank > 0, Files.exists(tuned.resolve("adapter/adapter_model.safetensors")));
            Run.ok("lm", "complete", "-m", tuned, "--prompt", "A any news", "--max-tokens", 3, "--greedy");
            assertTrue(Files.readString(tuned.resolve("README.md")).contains("letters.jsonl"));
        }
        Run.refused(Run.of("train", "--task", "generator", "-m", teacher, "--data", talks, "--prompt", "chat",
                "--max-tokens", 40, "--out",
                out), "chat template", "`continuation`");
        Run.refused(Run.of("train", "--task", "generator", "-m", teacher, "--data", talks, "--lora-alpha", 3, "--out",
                out), "--lora-alpha", "--lora");
    }

    @Test
    void aGeneratorTunedAsAChatSaysSoAndIsReproducedAsAChat() throws IOException {
        Path teacher = TinyTeacher.write(work.resolve("teacher"));
        Path settings = teacher.resolve("tokenizer_config.json");
        Files.writeString(settings, Files.readString(settings).replace("{{ messages }}",
                "{% for m in messages %}{{ m['role'] + ' ' + m['content'] + 'V' }}{% endfor %}"
                        + "{% if add_generation_prompt %}{{ 'assistant ' }}{% endif %}"));
        Path talks = Files.writeString(work.resolve("letters.jsonl"),
                "{\"id\":\"1\",\"turns\":[{\"s\":\"x\",\"t\":\"tea\"},{\"s\":\"y\",\"t\":\"milk\"}]}\n");
        Run.ok("train", "--task", "generator", "-m", teacher, "--data", talks, "--prompt", "chat", "--instruction", "",
                "--batch", 1, "--max-tokens", 44, "--steps", 3, "--threads", 2, "--out", out);
        assertTrue(Files.readString(out.resolve("README.md")).contains("prompt form `chat`"));
        assertEquals("chat",
                JSON.readTree(out.resolve("training/config.json").toFile()).get("prompt").textValue());
        String said = Run.ok("reproduce", out, "--out", work.resolve("again"));
        assertTrue(said.contains("bit for bit"), said);
    }

    @Test
    void aReproductionIsTheSameBitForBitOrSaysWhereItDiffersAndEndsWithOne() throws IOException {
        Path again = work.resolve("again");
        String said = Run.ok("reproduce", trained, "--out", again);
        assertTrue(said.contains("bit for bit"), said);
        byte[] weights = Files.readAllBytes(again.resolve("model.safetensors"));
        weights[weights.length - 2] ^= 1;
        Files.write(again.resolve("model.safetensors"), weights);
        Run run = Run.of("reproduce", trained, "--out", again, "--json");
        assertEquals(1, run.code(), run.err());
        assertFalse(JSON.readTree(run.out()).get("identical").asBoolean());
    }

    @Test
    void aReproductionFromOtherDataIsRefused() throws IOException {
        Path other = Files.createDirectories(work.resolve("other/training"));
        for (String file : List.of("training/config.json", "model.safetensors"))
            Files.copy(trained.resolve(file), other.resolveSibling(file));
        String provenance = Files.readString(trained.resolve("provenance.json"));
        Files.writeString(other.resolveSibling("provenance.json"),
                provenance.replace(Sha256.of(dialogues), "0".repeat(64)));
        Run.refused(Run.of("reproduce", other.getParent(), "--out", out), "talks.jsonl", "is not what", "sha256");
        assertFalse(Files.exists(out));
    }

    @Test
    void resumingWhereAllIsDoneSaysSo() throws IOException {
        assertEquals(result, Run.json(command(trained, "--resume", "--json", "--threads", 1).toArray()));
    }

    @Test
    void aFolderOfAnotherRunIsRefusedAndSoAreOtherSettings() {
        Run.refused(train(trained), "--resume", "another --out");
        Run.refused(train(trained, "--resume", "--seed", 9), "seed 1, not seed 9");
    }

    @Test
    void listedNegativesAreTrainedWithAndToldOfInTheCard() throws IOException {
        String id = JSON.readTree(Files.readAllLines(dialogues).getFirst()).get("id").asText() + "#1";
        Path file = Files.write(work.resolve("negatives.jsonl"), List.of(
                JSON.createObjectNode().put("id", id).set("negatives", JSON.createArrayNode().add("not this"))
                        .toString(),
                "{\"id\":\"nobody\",\"negatives\":[\"x\"]}"));
        Run.ok(command(out, "--negatives-from", file, "--negatives-each", 1).toArray());
        String card = Files.readString(out.resolve("README.md"));
        assertTrue(card.contains("listed for 1 contexts; 1 further lines") && card.contains("negatives.jsonl"), card);
        assertFalse(Arrays.equals(Files.readAllBytes(out.resolve("model.safetensors")),
                Files.readAllBytes(trained.resolve("model.safetensors"))));
    }

    @Test
    void whatIsRefusedLeavesNoFolder() {
        Run.refused(train(out, "--data", work.resolve("none.jsonl")), "none.jsonl", "no such file");
        Run.refused(train(out, "--method", "g2r-dm"), "talks.jsonl", "retort score");
        Run.refused(train(out, "--steps", 0), "--steps 0");
        Run.refused(train(out, "--optimizer", "lion"), "lion");
        Run.refused(train(out, "--learning-rate", -1), "--learning-rate -1");
        Run.refused(train(out, "--warmup", -1), "--warmup -1");
        Run.refused(train(out, "--task", "generator"), "config.json", "bert", "generators");
        Run.refused(Run.of("train", "-m", model, "--out", out), "--data");
        Run.refused(Run.of("train", "-m", model, "--data", dialogues, "--out", out, "--schedule", "plateau"),
                "--schedule plateau", "--validate-on");
        Run.refused(train(out, "--negatives-each", 2), "--negatives-from");
        Run.refused(train(out, "--negatives-from", work.resolve("none.jsonl")), "none.jsonl");
        Run.refused(train(out, "--patience", 1, "--validate-every", 0), "--patience", "--validate-on");
        Run.refused(Run.of("train", "-m", model, "--data", dialogues), "--out");
        assertFalse(Files.exists(out));
    }

    @Test
    void anUnknownKeyOfAConfigFileIsAnsweredWithTheNearest() throws IOException {
        Path wrong = Files.writeString(work.resolve("settings.json"), "{\"learning_rate\": 1e-3}");
        Run.refused(Run.of("train", "--config", wrong, "--out", out), wrong, "learning_rate",
                "did you mean \"learning-rate\"?");
    }

    @Test
    void aFileThatIsNamedTwiceIsRefused() {
        Run.refused(Run.of(command(out, "--data", dialogues, "--data", dialogues + "@0.5").toArray()),
                dialogues.toString(), "named twice");
    }

    @Test
    void printedSettingsAreAConfigFile() throws IOException {
        ObjectNode printed = (ObjectNode) Run.json(command(out, "--print-config", "--seed", 5).toArray());
        assertEquals(5, printed.get("seed").asInt());
        assertEquals(dialogues.toString(), printed.get("data").get(0).asText());
        assertFalse(printed.has("out") || printed.has("resume") || printed.has("help"));
        Path same = Files.writeString(work.resolve("settings.json"), printed.toString());
        assertEquals(printed, Run.json("train", "--config", same, "--print-config"));
        assertFalse(Files.exists(out));
    }
}
