package io.retort.generate;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of the Hugging Face Hub: a Llama with random weights (bench/peers/decoder_golden.py) that speaks in letters. */
public final class TinyTeacher {
    /** Token i is letter i. Texts begin with A and end with V. */
    public static final String ALPHABET = "\n abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV";
    /** What transformers answers. */
    public static final Path GOLDEN = Path.of("src/test/resources/io/retort/lm/tiny-llama/golden.safetensors");

    private static final JsonMapper JSON = new JsonMapper();

    private TinyTeacher() {
    }

    /** Makes the folder. */
    public static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String file : new String[]{"config.json", "model.safetensors"}) {
            Files.copy(GOLDEN.resolveSibling(file), folder.resolve(file));
        }
        Files.write(folder.resolve("tokenizer.json"), JSON.writeValueAsBytes(tokenizer()));
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"bos_token\": \"A\", \"eos_token\": {\"content\": \"V\"}, \"chat_template\": \"{{ messages }}\"}");
        return folder;
    }

    private static ObjectNode tokenizer() {
        ObjectNode json = JSON.createObjectNode().put("version", "1.0");
        json.putArray("added_tokens");
        json.set("pre_tokenizer", byteLevel());
        json.set("decoder", byteLevel());
        ObjectNode model = json.putObject("model").put("type", "BPE");
        ObjectNode vocabulary = model.putObject("vocab");
        // Byte-level BPE writes line break and space as letters.
        String letters = ALPHABET.replace('\n', '\u010a').replace(' ', '\u0120');
        for (int id = 0; id < letters.length(); id++) vocabulary.put(letters.substring(id, id + 1), id);
        model.putArray("merges");
        return json;
    }

    private static ObjectNode byteLevel() {
        return JSON.createObjectNode().put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true)
                .put("use_regex", false);
    }
}
