package io.retort.generate;

import io.retort.files.BadInput;
import io.retort.files.TextFile;
import io.retort.files.JsonFile;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.retort.lm.DecoderConfig;
import io.retort.text.BlenderbotSmallTokenizer;
import io.retort.text.BpeVocabulary;
import io.retort.text.HuggingFaceTokenizer;
import io.retort.text.Tokenizer;
import io.retort.text.Vocabulary;
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
    static final String VOCABULARY = "vocab.json";
    static final String MERGES = "merges.txt";
    private static final String CONFIG = "config.json";
    private static final String OLDER_TEMPLATE = "chat_template.json";

    private static final int LARGEST = 16 << 20;
    private static final JsonMapper JSON = new JsonMapper();

    TeacherText read() throws IOException {
        JsonNode settings = json(SETTINGS);
        Map<String, String> named = named(settings, json(SPECIAL));
        Optional<String> template = template(settings);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder.resolve(TOKENIZER));
        try {
            String begin = named.getOrDefault("bos_token", ""), end = named.getOrDefault("eos_token", "");
            boolean adds = settings.path("add_bos_token").asBoolean(false);
            String opening = tokenizer.opening().isEmpty() && adds ? begin : tokenizer.opening();
            return new TeacherText(tokenizer, new ControlTokens(begin, end, opening, named, ends(tokenizer, end)),
                    template);
        } catch (RuntimeException | IOException e) {
            tokenizer.close();
            throw e;
        }
    }

    /**
     * Reads what the files of an encoder–decoder say, whose conversations have the layout of its family. Its tokenizer is
     * a {@code tokenizer.json}, or {@code vocab.json} and {@code merges.txt}.
     *
     * @throws BadInput if files are missing or damaged, or the vocabulary lacks a token of the layout
     */
    TeacherText readSource(DecoderConfig config) throws IOException {
        SourceTurns.Layout layout = SourceTurns.Layout.of(config.family().name());
        Map<String, String> named = named(json(SETTINGS), json(SPECIAL));
        String begin = named.getOrDefault("bos_token", layout.begin());
        String end = named.getOrDefault("eos_token", layout.end());
        Tokenizer tokenizer = sourceTokenizer(config, List.of(begin, end));
        try {
            for (String token : layout.begins() ? List.of(begin, end) : List.of(end)) {
                if (tokenizer.specialTokens().id(token).isEmpty()) {
                    throw BadInput.in(folder, "the tokenizer has no special token `" + token
                            + "`, which stands around texts", "take the tokenizer that belongs to the model");
                }
            }
            return new TeacherText(tokenizer, new ControlTokens(begin, end, "", named, ends(tokenizer, end)),
                    Optional.empty(), Optional.of(layout));
        } catch (RuntimeException | IOException e) {
            tokenizer.close();
            throw e;
        }
    }

    private Tokenizer sourceTokenizer(DecoderConfig config, List<String> special) throws IOException {
        Path whole = folder.resolve(TOKENIZER), vocabulary = folder.resolve(VOCABULARY);
        if (Files.isRegularFile(whole)) return HuggingFaceTokenizer.parse(whole, withoutRowless(whole, config));
        if (!Files.isRegularFile(vocabulary)) {
            throw BadInput.in(folder, "has neither " + TOKENIZER + " nor " + VOCABULARY,
                    "take the tokenizer's files from where the model's are");
        }
        Path merges = folder.resolve(MERGES);
        if (config.family().name().equals("blenderbot-small")) return BlenderbotSmallTokenizer.open(vocabulary, merges);
        String[] tokens = new String[config.vocabulary()];
        JsonFile.read(vocabulary, LARGEST).properties().forEach(entry -> {
            int id = entry.getValue().asInt(-1);
            if (id < 0 || id >= tokens.length || tokens[id] != null) {
                throw BadInput.in(vocabulary, "`" + entry.getKey() + "` has the id " + entry.getValue()
                        + ", which is none of its own below the model's vocabulary of " + tokens.length,
                        "take the vocabulary that belongs to the model");
            }
            tokens[id] = entry.getKey();
        });
        int[] types = new int[tokens.length];
        for (int id = 0; id < tokens.length; id++) {
            if (tokens[id] == null) tokens[id] = "";
            boolean control = tokens[id].isEmpty() || special.contains(tokens[id])
                    || tokens[id].matches("<(s|/s|pad|unk|mask)>");
            types[id] = control ? Vocabulary.CONTROL : 0;
        }
        List<String> lines = TextFile.read(merges, LARGEST).lines().skip(1).filter(line -> !line.isBlank()).toList();
        return new BpeVocabulary(List.of(tokens), types, lines, "gpt-2").tokenizer(vocabulary);
    }

    /**
     * Reads a {@code tokenizer.json} without the special tokens that the model has no row for: Blender's has a mask that
     * nothing is ever made of.
     */
    private static byte[] withoutRowless(Path file, DecoderConfig config) throws IOException {
        JsonNode json = JsonFile.read(file, LARGEST);
        if (json.path("added_tokens") instanceof ArrayNode added) {
            for (int i = added.size() - 1; i >= 0; i--) {
                JsonNode token = added.get(i);
                boolean rowless = token.path("special").asBoolean()
                        && token.path("id").asInt(-1) >= config.vocabulary();
                if (rowless) added.remove(i);
            }
        }
        return JSON.writeValueAsBytes(json);
    }

    private Set<Integer> ends(Tokenizer tokenizer, String end) throws IOException {
        Set<Integer> ends = new HashSet<>(tokenizer.specialTokens().ends());
        ends.addAll(ids(json(GENERATION).path("eos_token_id")));
        ends.addAll(specialIds(json(CONFIG), tokenizer));
        ends.removeIf(id -> id < 0 || id >= tokenizer.vocabularySize());
        tokenizer.id(end).ifPresent(ends::remove);
        return ends;
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
