package io.retort.generate;

import io.retort.files.TextFile;
import io.retort.files.JsonFile;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.retort.text.HuggingFaceTokenizer;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * {@link TeacherText} out of a folder of the Hugging Face Hub: {@code tokenizer.json}; {@code tokenizer_config.json},
 * {@code generation_config.json} and {@code chat_template.jinja} where they are there.
 */
record HubText(Path folder) {
    static final String TOKENIZER = "tokenizer.json";
    static final String SETTINGS = "tokenizer_config.json";
    static final String GENERATION = "generation_config.json";
    static final String TEMPLATE = "chat_template.jinja";

    private static final int LARGEST = 16 << 20;
    private static final JsonMapper JSON = new JsonMapper();

    TeacherText read() throws IOException {
        JsonNode text = json(SETTINGS);
        Tokenizer tokenizer = HuggingFaceTokenizer.open(folder.resolve(TOKENIZER));
        try {
            String begin = token(text, "bos_token"), end = token(text, "eos_token");
            boolean add = !begin.isEmpty() && text.path("add_bos_token").asBoolean(false);
            Set<Integer> ends = new HashSet<>();
            if (!end.isEmpty()) tokenizer.id(end).ifPresent(ends::add);
            JsonNode more = json(GENERATION).path("eos_token_id");
            if (more.isInt()) ends.add(more.intValue());
            more.forEach(id -> ends.add(id.asInt()));
            ends.removeIf(id -> id < 0 || id >= tokenizer.vocabularySize());
            return new TeacherText(tokenizer, new ControlTokens(begin, end, add), ends, template(text));
        } catch (RuntimeException | IOException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** A string, or an object with the string and how it is split off. */
    private static String token(JsonNode text, String key) {
        JsonNode token = text.path(key);
        return (token.isObject() ? token.path("content") : token).asText("");
    }

    private Optional<String> template(JsonNode text) throws IOException {
        Path own = folder.resolve(TEMPLATE);
        if (Files.isRegularFile(own)) return Optional.of(TextFile.read(own, LARGEST));
        JsonNode template = text.path("chat_template");
        if (template.isTextual()) return Optional.of(template.textValue());
        // A list holds templates for several purposes by name.
        for (JsonNode named : template) {
            if (named.path("name").asText().equals("default")) return Optional.of(named.path("template").asText());
        }
        return Optional.empty();
    }

    /** An empty object if there is no such file. */
    private JsonNode json(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) return JSON.createObjectNode();
        return JsonFile.read(file, LARGEST);
    }
}
