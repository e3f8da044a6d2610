package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.fetch.DefaultModel;
import io.retort.gpu.Gpu;
import io.retort.graph.Engine;
import io.retort.simd.Kernels;
import io.retort.store.TinyModel;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that do what they were asked. What they refuse: {@link RefusalsTest}. */
class CommandsTest {
    static final String DIALOGUES = """
            {"id":"a","turns":[{"s":"A","t":"do you love tea"},{"s":"B","t":"yes always"},{"s":"A","t":"and rain"},{"s":"B","t":"no never"}]}
            {"id":"b","turns":[{"s":"A","t":"the cat is good"},{"s":"B","t":"i hate fish"},{"s":"A","t":"Yes  always"}]}
            """;
    static final String RANKING = """
            {"id":"1","context":["hello","do you love tea"],"positive":["yes always"],"adversarial":["tea is he"],"random":["fish","rain"]}
            {"id":"2","context":["the cat is good"],"positive":["i hate fish","no"],"random":["rain"]}
            """;

    @TempDir
    static Path models;
    private static Path tiny;
    private static Path poly;

    /** A name with spaces, as people have them. */
    @TempDir
    Path temporary;
    private Path work;

    @BeforeAll
    static void makeModels() throws IOException {
        tiny = TinyModel.biEncoder(models.resolve("tiny"), 1).path();
        poly = TinyModel.polyEncoder(models.resolve("poly"), 1).path();
    }

    @BeforeEach
    void makeData() throws IOException {
        work = Files.createDirectory(temporary.resolve("my talks"));
        write("talk.jsonl", DIALOGUES);
        write("ranking.jsonl", RANKING);
    }

    @AfterEach
    void nothingHalfWrittenIsLeft() throws IOException {
        assertEquals(List.of(), leftovers(work));
    }

    static List<Path> leftovers(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.(part|building|progress)|.*\\.\\d+")).toList();
        }
    }

    @Test
    void anIndexOfDialoguesAnswers() throws IOException {
        JsonNode made = Run.json("index", "-m", tiny, "-d", file("talk.jsonl"), "-o", file("i"), "--json");
        assertEquals(4, made.path("replies").asInt(), "spellings of one reply are one");
        assertEquals(0, made.path("resumed_at").asInt());
        assertEquals(Files.size(file("i")), made.path("bytes").asLong());

        String text = Run.ok("reply", "-m", tiny, "-i", file("i"), "-c", "hello", "-c", "do you love tea", "-k", "4");
        assertTrue(text.lines().toList().getFirst().matches(" +1 +-?\\d+\\.\\d{4}  .+"), text);
        assertEquals(4, text.lines().count());

        JsonNode json = Run.json("reply", "-m", tiny, "-i", file("i"), "-c", "hello", "-c", "do you love tea", "-k",
                "4",
                "--json");
        List<String> texts = new ArrayList<>();
        for (JsonNode reply : json.path("replies")) {
            texts.add(reply.path("text").asText());
            assertEquals(texts.size(), reply.path("rank").asInt());
            assertTrue(reply.path("score").isNumber() && reply.path("row").isInt());
            assertTrue(text.contains("  " + reply.path("text").asText()));
        }
        assertEquals(List.of("and rain", "i hate fish", "no never", "yes always"), texts.stream().sorted().toList());
        for (String stage : List.of("load", "tokenise", "encode", "search", "total")) {
            assertTrue(json.path("time_ms").path(stage).asDouble() > 0, stage);
        }
        assertEquals(1 + 1 + 1 + 4 + 1, json.path("context_tokens").asInt());
    }

    @Test
    void everySearchMethodFindsTheSame() throws IOException {
        Run.ok("index", "-m", tiny, "-d", file("talk.jsonl"), "-o", file("i"));
        List<JsonNode> replies = new ArrayList<>();
        for (String method : List.of("exact", "screened", "auto")) {
            replies.add(Run.json("reply", "-m", tiny, "-i", file("i"), "-c", "hello", "-k", "4", "--search", method,
                    "--json").path("replies"));
        }
        assertEquals(4, replies.getFirst().size());
        assertEquals(replies.get(0), replies.get(1));
        assertEquals(replies.get(0), replies.get(2));
    }

    @Test
    void everyKindOfDataAndKeyMakesAnIndex() throws IOException {
        write("replies.txt", "hello\nyes\n");
        write("distilled.jsonl", """
                {"id":"d","context":["hello"],"candidates":[{"text":"hi","source":"original"},{"text":"hi you","source":"generated","ll":-1.5,"mi":0.5}]}
                """);
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(DIALOGUES.getBytes());
        }
        Files.write(file("talk.gz"), zipped.toByteArray());
        JsonNode all = Run.json("index", "-m", tiny, "-d", file("replies.txt"), file("distilled.jsonl"),
                file("talk.gz"), "-o", file("new/folder/i"), "--json", "--metric", "cosine");
        assertEquals(2 + 2 + 4, all.path("replies").asInt());
        JsonNode facts = Run.json("inspect", file("new/folder/i"), "--json");
        assertEquals(1, facts.path("metadata").path("generated").asInt());
        assertEquals("cosine", facts.path("metric").asText());

        for (String key : List.of("context", "both")) {
            Run.ok("index", "-m", tiny, "-d", file("talk.jsonl"), file("distilled.jsonl"), "-o", file(key), "--key",
                    key);
            assertEquals(key, Run.json("inspect", file(key), "--json").path("metadata").path("keyed_by").asText());
        }
        Run.refused(Run.of("index", "-m", tiny, "-d", file("replies.txt"), "-o", file("j"), "--key", "context"),
                "\"hello\" has no context", "--key reply");
        Run.refused(Run.of("index", "-m", poly, "-d", file("talk.jsonl"), "-o", file("j"), "--key", "both"),
                "poly-encoder", "--key reply");
        Run.refused(Run.of("index", "-m", tiny, "-d", file("ranking.jsonl"), "-o", file("j")), "ranking test");
        assertFalse(Files.exists(file("j")));
    }

    @Test
    void aPolyEncoderAnswersAndIsMeasured() throws IOException {
        Run.ok("index", "-m", poly, "-d", file("talk.jsonl"), "-o", file("i"));
        assertEquals(2, Run.json("reply", "-m", poly, "-i", file("i"), "-c", "hello", "-k", "2", "--json")
                .path("replies").size());
        assertEquals(2, Run.json("eval", "-m", poly, "-d", file("ranking.jsonl"), "--json").path("n").asInt());
    }

    @Test
    void aRankingTestIsMeasured() throws IOException {
        JsonNode json = Run.json("eval", "-m", tiny, "-d", file("ranking.jsonl"), "--json");
        assertEquals(2, json.path("n").asInt());
        for (String key : List.of("hits@1", "hits@5", "mrr", "pos>adversarial", "pos>random", "dist-2", "dist-3",
                "length", "latency_p50_ms", "latency_p99_ms")) {
            assertTrue(json.path(key).isNumber(), key);
            JsonNode interval = json.path(key + "_ci");
            assertTrue(interval.path(0).isNumber() && interval.path(1).isNumber(), key + " " + interval);
            assertTrue(interval.path(0).asDouble() <= json.path(key).asDouble(), key);
            assertTrue(interval.path(1).asDouble() >= json.path(key).asDouble(), key);
        }
        String text = Run.ok("eval", "-m", tiny, "-d", file("ranking.jsonl"));
        assertTrue(text.startsWith("tiny on ") && text.contains(", 2 contexts"), text);
        assertTrue(text.matches("(?s).*hits@1 +[\\d.]+ +\\[[\\d.]+, [\\d.]+].*"), text);
        assertEquals(1, Run.json("eval", "-m", tiny, "-d", file("ranking.jsonl"), "--limit", "1", "--json").path("n")
                .asInt());
    }

    @Test
    void dialoguesAreMeasuredAndWhatDoesNotApplyIsNull() throws IOException {
        JsonNode json = Run.json("eval", "-m", tiny, "-d", file("talk.jsonl"), "--candidates", "2", "--json");
        assertEquals(5, json.path("n").asInt());
        assertTrue(json.has("pos>adversarial") && json.path("pos>adversarial").isNull());
        assertTrue(json.has("pos>adversarial_ci") && json.path("pos>adversarial_ci").isNull());
        assertTrue(json.path("pos>random").isNumber());
        Run few = Run.of("eval", "-m", tiny, "-d", file("talk.jsonl"));
        assertTrue(few.code() == 0 && few.err().contains("2 candidates instead of 20"), few.err());
        Run.refused(Run.of("eval", "-m", tiny, "-d", file("talk.jsonl"), "--candidates", "1"), "--candidates 1");
        Run.refused(Run.of("eval", "-m", tiny, "-d", file("talk.jsonl"), "--history", "0"), "--history 0");
        Run.refused(Run.of("eval", "-m", tiny, "-d", file("ranking.jsonl"), "--limit", "0"), "--limit 0");
        Run.refused(Run.of("eval", "-m", tiny, "-d", file("ranking.jsonl"), "--latency-contexts", "0"),
                "--latency-contexts 0");
    }

    @Test
    void anIndexGivesTheRepliesThatAreMeasured() throws IOException {
        write("one.txt", "always the same\n");
        Run.ok("index", "-m", tiny, "-d", file("one.txt"), "-o", file("i"));
        JsonNode json = Run.json("eval", "-m", tiny, "-d", file("ranking.jsonl"), "-i", file("i"), "--json");
        assertEquals(3, json.path("length").asDouble());
        assertEquals(0.5, json.path("dist-2").asDouble(), 1e-9);
    }

    @Test
    void vectorsOfTextsAreWritten() throws IOException {
        write("texts.txt", "hello\ni love tea\nhello\n");
        JsonNode json = Run.json("encode", "-m", tiny, "-d", file("texts.txt"), "-o", file("v.safetensors"), "--json");
        assertEquals(3, json.path("texts").asInt());
        try (TensorFile file = TensorFile.open(file("v.safetensors"))) {
            Tensor vectors = file.parameter("vectors");
            assertEquals("[3, 24]", vectors.shape().toString());
        }
        write("contexts.txt", "hello\tdo you love tea\n");
        Run.ok("encode", "-m", tiny, "-d", file("contexts.txt"), "-o", file("c.safetensors"), "--as", "context");
        Run.refused(Run.of("encode", "-m", poly, "-d", file("contexts.txt"), "-o", file("p"), "--as", "context"),
                "poly-encoder");
        assertFalse(Files.exists(file("p")));
    }

    @Test
    void everyKindOfFileIsRecognised() throws IOException {
        Run.ok("index", "-m", tiny, "-d", file("talk.jsonl"), "-o", file("i"));
        assertEquals("response index, every checksum right",
                Run.json("inspect", file("i"), "--json").path("kind").asText());
        assertEquals(7, Run.json("inspect", file("talk.jsonl"), "--json").path("turns").asInt());
        assertEquals(7, Run.json("inspect", file("ranking.jsonl"), "--json").path("candidates").asInt());
        JsonNode model = Run.json("inspect", poly, "--json");
        assertEquals("model folder", model.path("kind").asText());
        assertEquals("poly-encoder", model.path("scores").asText());
        assertEquals(3, model.path("codes").asInt());
        assertTrue(model.path("fingerprint").asText().matches("[0-9a-f]{64}"));
        JsonNode weights = Run.json("inspect", tiny.resolve("model.safetensors"), "--json");
        assertTrue(weights.path("parameters").asLong() > 10_000 && weights.path("tensors").size() > 20);
        assertEquals("weights (safetensors), whole", weights.path("kind").asText());
        assertTrue(Run.ok("inspect", tiny).contains("word_embeddings"));
    }

    @Test
    void aGgufFileIsTakenApart() throws Exception {
        Path gguf = Path.of(CommandsTest.class.getResource("/io/retort/tensor/tiny-gpt2.gguf").toURI());
        JsonNode facts = Run.json("inspect", gguf, "--json");
        assertEquals("weights (GGUF version 3), whole", facts.path("kind").asText());
        assertEquals("'gpt2'", facts.path("architecture").asText());
        assertEquals(28, facts.path("types").path("F32").asInt());
        assertEquals("2", facts.path("metadata").path("gpt2.block_count").asText());
        assertEquals("['t0', 't1', 't2', 't3', 't4', …] (11)",
                facts.path("metadata").path("tokenizer.ggml.tokens").asText());
        assertEquals("token_embd.weight F32[11, 4]", facts.path("tensors").get(0).asText());
        assertTrue(Run.ok("inspect", gguf).contains("\n  gpt2.block_count = 2\n"));
    }

    @Test
    void aShardIndexIsRecognisedByItsNameAndInItsFolder() throws IOException {
        Path folder = Files.createDirectory(file("shards"));
        Files.copy(tiny.resolve("model.safetensors"), folder.resolve("a.safetensors"));
        String name;
        try (TensorFile file = TensorFile.open(folder.resolve("a.safetensors"))) {
            name = file.tensors().firstEntry().getKey();
        }
        Path index = Files.writeString(folder.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"" + name + "\": \"a.safetensors\"}}");
        for (Path path : List.of(index, folder)) {
            JsonNode facts = Run.json("inspect", path, "--json");
            assertEquals("weights (safetensors in shards), whole", facts.path("kind").asText());
            assertEquals(1, facts.path("tensors").size());
        }
    }

    @Test
    void anImportReportsAndWrites() throws IOException {
        JsonNode report = Run.json("import", tiny, "--json");
        assertEquals(0, report.path("missing").size());
        JsonNode written = Run.json("import", tiny, "-o", file("copy"), "--json");
        assertEquals(report.path("mapped"), written.path("mapped"));
        assertEquals(file("copy").toString(), written.path("model").asText());
        assertEquals(Run.json("inspect", tiny, "--json").path("fingerprint"), written.path("fingerprint"));
        assertTrue(Run.ok("import", tiny).contains(" 0 missing, 0 unexpected"));
    }

    @Test
    void theCatalogueIsListedWithTheDefaultEncoder() throws IOException {
        JsonNode json = Run.json("pull", "--list", "--json");
        List<String> names = StreamSupport.stream(json.path("models").spliterator(), false)
                .map(model -> model.path("name").asText()).toList();
        assertTrue(names.contains("all-minilm-l6-v2"), names.toString());
        String text = Run.ok("pull", "--list");
        assertEquals(names.size() + 1, text.lines().count(), "and the student");
        names.forEach(name -> assertTrue(text.contains(name)));
    }

    @Test
    void theDoctorTellsWhatRuns() throws IOException {
        JsonNode json = Run.json("doctor", "--json");
        assertTrue(json.path("engine").asText().startsWith(Engine.best(1).name() + ": "), json.toString());
        assertTrue(json.path("reference_engine").asText().startsWith("stock: ND4J "), json.toString());
        assertTrue(json.path("models").has("all-minilm-l6-v2"));
        assertTrue(json.path("processors").asInt() > 0);
        boolean vectors = !Kernels.best().name().equals("scalar");
        for (String rate : List.of("fma_peak_gflops", "gemm_gflops", "memory_read_gb_per_s")) {
            assertEquals(vectors, json.path("one_thread").path(rate).asDouble() > 0, json.toString());
        }
        assertTrue(Run.ok("doctor").contains("search_kernels"));
        Optional<String> noGpu = Gpu.obstacle();
        if (noGpu.isPresent()) assertEquals(noGpu.get(), json.path("gpu").path("obstacle").asText(), json.toString());
        else assertTrue(json.path("gpu").path("memory_copy_gb_per_s").asDouble() > 0, json.toString());
    }

    @Test
    void theDefaultEncoderAnswersTenThousandTurns() throws IOException {
        Path model = DefaultModel.folder().path();
        write("replies.txt", "I love my two cats.\nThe train leaves at nine.\n");
        Run.ok("index", "-m", model, "-d", file("replies.txt"), "-o", file("i"));
        List<Object> arguments = new ArrayList<>(List.of("reply", "-m", model, "-i", file("i"), "--json"));
        for (int i = 0; i < 10_000; i++) {
            arguments.add("-c");
            arguments.add(i < 9_999 ? "turn " + i : "do you have a cat?");
        }
        JsonNode json = Run.json(arguments.toArray());
        int tokens = json.path("context_tokens").asInt();
        assertTrue(tokens > 100 && tokens <= 128, "the newest turns that fit: " + tokens);
        assertEquals(1, json.path("replies").size());
    }

    private Path file(String name) {
        return work.resolve(name);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(file(name), text);
    }
}
