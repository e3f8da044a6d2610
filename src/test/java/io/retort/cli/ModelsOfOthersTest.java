package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.generate.TinyTeacher;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands say of models that other programs wrote: import, inspect and use agree. */
class ModelsOfOthersTest {
    private static final Path MODELS = Path.of("src/test/resources/io/retort/retrieval");

    @TempDir
    Path work;

    @Test
    void inspectTellsWhatStandsAfterTheEncoder() throws IOException {
        JsonNode facts = Run.json("inspect", MODELS.resolve("st-mean-cls-dense"), "--json");
        assertEquals("model folder", facts.path("kind").asText());
        assertEquals("mean + first", facts.path("pooling").asText());
        assertEquals("dense 32 to 6, gelu", facts.path("layers_after_pooling").path(0).asText());
        assertTrue(facts.path("normalized").asBoolean());
        assertEquals(6, facts.path("dims").asInt());
        assertEquals(32, facts.path("reply_tokens").asInt());
        facts = Run.json("inspect", MODELS.resolve("st-distil-dot"), "--json");
        assertEquals("dot", facts.path("similarity").asText());
        assertTrue(!facts.path("normalized").asBoolean());
    }

    @Test
    void importTellsHowItUnderstoodTheFolderAndSoDoesInspectAfterwards() throws IOException {
        Path out = work.resolve("imported");
        Run run = Run.of("import", MODELS.resolve("st-roberta-prompt"), "-o", out);
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("contexts begin with the prompt \"hi \""), run.err());
        assertTrue(run.out().contains(" 0 missing, 0 unexpected"), run.out());
        JsonNode facts = Run.json("inspect", out, "--json");
        assertTrue(facts.path("notes").toString().contains("prompt"), facts.toString());
        assertEquals("hi ", facts.path("reply_prefix").asText());
    }

    @Test
    void aFolderOfSentenceTransformersServesAsItIs() throws IOException {
        Path texts = Files.writeString(work.resolve("texts.txt"), "hello you\nno\nthe cat is home\n");
        for (String name : List.of("st-mean-cls-dense", "st-distil-dot", "st-roberta-prompt")) {
            Path index = work.resolve(name);
            Run.ok("index", "-m", MODELS.resolve(name), "-d", texts, "-o", index);
            JsonNode reply = Run.json("reply", "-m", MODELS.resolve(name), "-i", index, "-c", "hello you", "--json");
            // What only repeats the context is passed over, and was found best.
            if (!name.contains("dot")) {
                assertEquals("hello you", reply.at("/echoes/0/text").asText(), reply.toString());
                assertTrue(reply.at("/echoes/0/score").asDouble() > reply.at("/replies/0/score").asDouble(),
                        reply.toString());
            }
        }
    }

    @Test
    void aLanguageModelIsInspectedAsOneAndRefusedAsLoadingRefusesIt() throws IOException {
        Path model = TinyTeacher.write(work.resolve("lm"));
        assertEquals("language model", Run.json("inspect", model, "--json").path("kind").asText());
        Path pairs = Files.writeString(work.resolve("pairs.jsonl"), "{\"prompt\": \"a\", \"continuation\": \"b\"}\n");
        rewrite(model, name -> name.replace("model.norm.weight", "model.other.weight"));
        for (Run run : List.of(Run.of("inspect", model), Run.of("lm", "score", "-m", model, "-d", pairs))) {
            Run.refused(run, model, "1 missing", "missing: model.norm.weight");
        }
        Files.delete(model.resolve("tokenizer.json"));
        Run.refused(Run.of("inspect", model), "tokenizer.json");
        Files.writeString(model.resolve("config.json"), "{\"architectures\": [\"MambaForCausalLM\"], \"model_type\": "
                + "\"mamba\"}");
        Run.refused(Run.of("inspect", model), model.resolve("config.json"), "\"mamba\"");
    }

    @Test
    void anEncoderDecoderIsALanguageModel() throws IOException {
        JsonNode facts = Run.json("inspect", Path.of("src/test/resources/io/retort/lm/seq2seq/blenderbot"), "--json");
        assertEquals("language model", facts.path("kind").asText());
        assertEquals("blenderbot", facts.path("family").asText());
        Path other = Files.createDirectory(work.resolve("t5"));
        Files.writeString(other.resolve("config.json"), "{\"architectures\": [\"T5ForConditionalGeneration\"], "
                + "\"model_type\": \"t5\"}");
        Run.refused(Run.of("inspect", other), other.resolve("config.json"), "\"t5\"");
    }

    @Test
    void misfitsAreToldInAFewLines() throws IOException {
        Path model = TinyTeacher.write(work.resolve("lm"));
        rewrite(model, name -> "student." + name);
        String message = Run.refused(Run.of("inspect", model), model, "begin with \"student.\"");
        assertTrue(message.lines().count() < 12, message);
        Path encoder = work.resolve("encoder");
        Files.createDirectory(encoder);
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(MODELS.resolve("st-mean-cls-dense").resolve(file), encoder.resolve(file));
        }
        rewrite(encoder, name -> "student." + name);
        Run run = Run.of("import", encoder);
        assertEquals(1, run.code());
        assertTrue(run.out().lines().count() < 12 && run.out().contains("begin with \"student.\""), run.out());
        assertTrue(run.err().contains("no modules.json"), run.err());
    }

    private static void rewrite(Path model, UnaryOperator<String> names) throws IOException {
        Path file = model.resolve("model.safetensors");
        SequencedMap<String, Tensor> renamed = new LinkedHashMap<>();
        try (TensorFile weights = TensorFile.open(file)) {
            for (String name : weights.tensors().keySet()) {
                Tensor tensor = weights.read(name);
                renamed.put(names.apply(name), Tensor.of(tensor.toFloats().clone(), tensor.shape().toArray()));
            }
        }
        SafetensorsWriter.write(file, renamed, Map.of());
    }
}
