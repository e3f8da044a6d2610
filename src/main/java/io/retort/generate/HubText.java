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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@link TeacherText} out of a folder of the Hugging Face Hub: {@code tokenizer.json}; {@code tokenizer_config.json},
 * {@code special_tokens_map.json}, {@code generation_config.json}, {@code config.json} and {@code chat_template.jinja}
 * where they are there. The post-processor of {@code tokenizer.json} says what stands before a text, as it does to
 * transformers; {@code add_bos_token} counts where it adds nothing.
 */
record HubText(Path folder) {
    static final String TOKENIZER = "tokenizer.json";
    static final String SETTINGS = "tokenizer_config.json";
    static final String GENERATION = "generation_config.json";
    static final String SPECIAL = "special_tokens_map.json";
    static final String TEMPLATE = "chat_template.jinja";
    private static final String CONFIG = "config.json";
    private static final String OLDER_TEMPLATE = "chat_template.json";

    private static final int LARGEST = 16 << 20;
    private static final JsonMapper JSON = new JsonMapper();

    TeacherText read() throws IOException {
        JsonNode settings = json(SETTINGS);
        Map<String, String> named = named(settings, json(SPECIAL));
        JsonNode generation = json(GENERATION), config = json(CONFIG);
        Optional<String> template = template(settings);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder.resolve(TOKENIZER));
        try {
            String begin = named.getOrDefault("bos_token", ""), end = named.getOrDefault("eos_token", "");
            boolean adds = settings.path("add_bos_token").asBoolean(false);
            String opening = tokenizer.opening().isEmpty() && adds ? begin : tokenizer.opening();
            Set<Integer> ends = new HashSet<>(tokenizer.specialTokens().ends());
            ends.addAll(ids(generation.path("eos_token_id")));
            ends.addAll(specialIds(config, tokenizer));
            ends.removeIf(id -> id < 0 || id >= tokenizer.vocabularySize());
            tokenizer.id(end).ifPresent(ends::remove);
            return new TeacherText(tokenizer, new ControlTokens(begin, end, opening, named, ends), template);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** Every token that the settings or the map beside them name, as transformers hands them to a template. */
    private static Map<String, String> named(JsonNode settings, JsonNode map) {
        Map<String, String> named = new HashMap<>();
        // The map counts more, unless the settings are of the newer kind, which list all added tokens.
        List<JsonNode> weaker = settings.has("added_tokens_decoder") ? List.of(map, settings) : List.of(settings, map);
        for (JsonNode source : weaker) {
            addNamed(source, named);
            addNamed(source.path("model_specific_special_tokens"), named);
            addNamed(source.path("extra_special_tokens"), named);
        }
        return named;
    }

    private static void addNamed(JsonNode source, Map<String, String> named) {
        source.properties().forEach(entry -> {
            String token = token(entry.getValue());
            if (entry.getKey().endsWith("_token") && !token.isEmpty()) named.put(entry.getKey(), token);
        });
    }

    /**
     * Reads a token that is a string, or an object with the string and how it is split off; empty for anything else.
     */
    private static String token(JsonNode token) {
        JsonNode text = token.isObject() ? token.path("content") : token;
        return text.isTextual() ? text.textValue() : "";
    }

    private static List<Integer> ids(JsonNode value) {
        List<Integer> ids = new ArrayList<>();
        if (value.isInt()) ids.add(value.intValue());
        value.forEach(id -> ids.add(id.asInt(-1)));
        return ids;
    }

    /** The end tokens that the model's configuration names, of which only special tokens are believed. */
    private static Set<Integer> specialIds(JsonNode config, Tokenizer tokenizer) {
        Set<Integer> ids = new HashSet<>(ids(config.path("eos_token_id")));
        ids.addAll(ids(config.path("text_config").path("eos_token_id")));
        ids.retainAll(tokenizer.specialTokens().ids());
        return ids;
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
        if (template.isArray() && template.size() == 1) return Optional.of(template.get(0).path("template").asText());
        return Optional.ofNullable(json(OLDER_TEMPLATE).path("chat_template").textValue());
    }

    /** Reads a JSON file of the folder; an empty object if there is no such file. */
    private JsonNode json(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) return JSON.createObjectNode();
        return JsonFile.read(file, LARGEST);
    }
}
