package io.retort.store.parlai;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.files.BadInput;
import io.retort.files.ConfigFields;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The options of a ParlAI model, a JSON object of every argument that it was trained with. Those that change what the
 * model computes, or how texts become tokens, are read here with ParlAI's defaults, or refused by name; the hundreds
 * that do not are passed over.
 */
final class ParlaiOptions {
    private static final int PICKLE = 0x80;
    static final String END_OF_SOURCE = "history_add_global_end_token";
    /** Options that change what is computed in ways that Retort does not know, with the value at which they do not. */
    private static final Map<String, String> UNKNOWN_UNLESS = Map.ofEntries(Map.entry("use_memories", "false"),
            Map.entry("wrap_memory_encoder", "false"), Map.entry("person_tokens", "false"),
            Map.entry("add_p1_after_newln", "false"), Map.entry("history_reversed", "false"),
            Map.entry(END_OF_SOURCE, "null"), Map.entry("special_tok_lst", "null"),
            Map.entry("dict_max_ngram_size", "-1"), Map.entry("bpe_debug", "false"),
            Map.entry("polyencoder_attention_keys", "context"));

    private final Path file;
    private final JsonNode root;
    private final ConfigFields fields;

    private ParlaiOptions(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
        this.fields = new ConfigFields(file);
    }

    /**
     * Reads the options.
     *
     * @throws BadInput if the file is no JSON object
     */
    static ParlaiOptions read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            if (in.read() == PICKLE) {
                throw BadInput.in(file, "is a pickle, as ParlAI wrote options before 2019",
                        "load and save the model once with ParlAI, which then writes JSON");
            }
        }
        JsonNode root = ConfigFields.read(file);
        if (!root.isObject()) throw BadInput.in(file, "does not hold a JSON object", "fetch the file again");
        return new ParlaiOptions(file, root);
    }

    /**
     * Refuses options that change what a model is given, or what it computes, in ways that Retort does not know.
     *
     * @param generator whether the model is one, which may have an end token behind its source
     */
    void requireOrdinaryText(boolean generator) {
        UNKNOWN_UNLESS.forEach((name, harmless) -> requireUnused(name,
                generator && name.equals(END_OF_SOURCE) ? "end" : harmless));
    }

    private void requireUnused(String name, String harmless) {
        JsonNode value = root.path(name);
        boolean unused = value.isMissingNode() || value.isNull() || value.asText().equals(harmless)
                || value.isTextual() && value.asText().isEmpty() || name.equals("dict_max_ngram_size")
                        && value.asInt() <= 1;
        if (!unused) throw unsupported(name, value.toString(), "only " + harmless + " is");
    }

    Path file() {
        return file;
    }

    /** Returns a count that must be there and be positive. */
    int required(String name) {
        if (!root.hasNonNull(name)) {
            throw BadInput.in(file, "lacks \"" + name + "\"", "take the options that belong to the model");
        }
        int value = fields.integer(root, name, 0);
        if (value <= 0) throw fields.wrong(name, root.get(name), "a positive number");
        return value;
    }

    int integer(String name, int absent) {
        return fields.integer(root, name, absent);
    }

    double number(String name, double absent) {
        return fields.number(root, name, absent);
    }

    boolean flag(String name, boolean absent) {
        return fields.flag(root, name, absent);
    }

    String string(String name, String absent) {
        return fields.string(root, name, absent);
    }

    /**
     * Returns one of the values that are known.
     *
     * @throws BadInput for every other value, which it names
     */
    String oneOf(String name, String absent, List<String> known) {
        String value = string(name, absent);
        if (known.contains(value)) return value;
        throw unsupported(name, "\"" + value + "\"", "Retort knows " + known);
    }

    /** Makes the refusal of an option's value, for the caller to throw. */
    BadInput unsupported(String name, String value, String remedy) {
        return BadInput.in(file, name + " " + value + " is not supported", remedy);
    }

    /** Returns how many positions the model has: as said, or else the longest text, or 1024. */
    int positions() {
        int said = integer("n_positions", 0);
        if (said > 0) return said;
        int longest = Math.max(integer("truncate", 0), Math.max(integer("text_truncate", 0),
                integer("label_truncate", 0)));
        return longest > 0 ? longest : 1024;
    }

    /** Returns the length at which ParlAI cuts texts or labels; 0 if it does not. */
    int truncation(String name) {
        int own = integer(name, 0);
        int length = own == 0 ? integer("truncate", 0) : own;
        return Math.max(length, 0);
    }
}
