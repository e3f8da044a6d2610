package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.retrieval.TinyTokenizer;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Students that start from encoders other than BERT: from the Hub's files to an export for the Hub. */
class EncoderFamiliesCommandTest {
    private static final Path MODELS = Path.of("src/test/resources/io/retort/retrieval/families");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path work;

    @ParameterizedTest
    @ValueSource(strings = {"mpnet", "modernbert"})
    void aStudentOfAnyFamilyIsTrainedServesAndIsExportedAsOneOfItsFamily(String family) throws IOException {
        Path hub = hubFolder(family);
        Path imported = work.resolve("imported");
        Run.ok("import", hub, "-o", imported);
        List<String> talks = new ArrayList<>();
        for (int i = 4; i < 40; i++) {
            talks.add("{\"id\":\"%d\",\"turns\":[{\"s\":\"A\",\"t\":\"w%d w%d\"},{\"s\":\"B\",\"t\":\"w%d w%d w9\"}]}"
                    .formatted(i, i, i + 1, i + 2, i + 3));
        }
        Path data = Files.write(work.resolve("talks.jsonl"), talks);
        Path trained = work.resolve("trained");
        String ended = Run.json("train", "-m", imported, "--data", data, "--form", "tied", "--steps", 4, "--batch", 4,
                "--negatives", 4, "--warmup", 1, "--learning-rate", 1e-2, "--min-words", 1, "--context-tokens", 24,
                "--reply-tokens", 16, "--dropout", 0.1, "--out",
                trained, "--json").get("ending").asText();
        assertEquals("done", ended);
        Path texts = Files.writeString(work.resolve("texts.txt"), "w7 w8\nw9 w10 w11 w12 w13 w14\nw30\n");
        Path index = work.resolve("index");
        Run.ok("index", "-m", trained, "-d", texts, "-o", index);
        assertTrue(Run.json("reply", "-m", trained, "-i", index, "-c", "w7", "--json").path("replies").size() > 0);
        assertTrue(Run.ok("eval", "-m", trained, "-d", data, "--candidates", 3).contains("hits@1"));

        Path exported = work.resolve("exported");
        Run.ok("export", "-m", trained, "-o", exported);
        assertEquals(family, JSON.readTree(exported.resolve("config.json").toFile()).get("model_type").asText());
        float[] before;
        try (TensorFile ours = TensorFile.open(exported.resolve("model.safetensors"));
                TensorFile theirs = TensorFile.open(hub.resolve("model.safetensors"))) {
            assertEquals(new TreeSet<>(theirs.tensors().keySet()), new TreeSet<>(ours.tensors().keySet()));
            before = theirs.read(largest(family)).toFloats();
            assertFalse(Arrays.equals(before, ours.read(largest(family)).toFloats()), "training changes weights");
        }
        // As others read the export, without what only Retort understands.
        Path config = exported.resolve("config.json");
        ObjectNode plain = (ObjectNode) JSON.readTree(config.toFile());
        plain.remove("retort");
        Files.writeString(config, plain.toString());
        assertArrayEquals(vectors(trained, texts), vectors(exported, texts), 1e-6f);
    }

    private static String largest(String family) {
        return family.equals("mpnet") ? "encoder.relative_attention_bias.weight" : "layers.1.attn.Wqkv.weight";
    }

    private float[] vectors(Path model, Path texts) throws IOException {
        Path out = work.resolve("vectors.safetensors");
        Files.deleteIfExists(out);
        Run.ok("encode", "-m", model, "-d", texts, "-o", out);
        try (TensorFile file = TensorFile.open(out)) {
            return file.read("vectors").toFloats().clone();
        }
    }

    private Path hubFolder(String family) throws IOException {
        Path folder = Files.createDirectory(work.resolve(family));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(MODELS.resolve(family).resolve(file), folder.resolve(file));
        }
        ObjectNode tokenizer = (ObjectNode) JSON.readTree(TinyTokenizer.json(60));
        tokenizer.set("post_processor", JSON.readTree("{\"type\": \"BertProcessing\", \"sep\": [\"[SEP]\", 3], "
                + "\"cls\": [\"[CLS]\", 2]}"));
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());
        return folder;
    }

    @Test
    void aFolderWithOtherWordsThanItsEncoderIsRefused() throws IOException {
        Path folder = hubFolder("mpnet");
        Files.write(folder.resolve("tokenizer.json"), TinyTokenizer.json(61));
        Run.refused(Run.of("import", folder, "-o", work.resolve("out")), "61 tokens", "60 rows");
        Path config = folder.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"vocab_size\": 60", "\"vocab_size\": 61"));
        Run run = Run.of("import", folder, "-o", work.resolve("out"));
        assertEquals(1, run.code());
        assertTrue((run.out() + run.err()).contains("embeddings.word_embeddings.weight is [61, 16], the file has"),
                run.out() + run.err());
    }
}
