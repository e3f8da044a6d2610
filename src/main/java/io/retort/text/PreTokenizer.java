package io.retort.text;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.retort.files.BadInput;

/**
 * How a byte-level BPE cuts text before it merges, by the names that llama.cpp writes into a GGUF file
 * ({@code tokenizer.ggml.pre}). Each rule is a list of expressions; each in turn cuts out what it matches, from the
 * pieces that the one before left.
 */
enum PreTokenizer {
    /** GPT-2: contractions, words, numbers and the rest, each with the space before it. */
    GPT2(false, List.of(Rules.GPT2), "gpt-2", "gpt2", "mpt", "olmo", "jais", "trillion", "phi-2", "roberta-bpe",
            "jina-v1-en", "jina-v2-es", "jina-v2-de", "jina-es", "jina-de", "exaone4", "modern-bert"),
    /** Digits one by one, then GPT-2. */
    DIGITS(false, List.of("\\p{N}", Rules.GPT2), "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone",
            "minerva-7b"),
    /** GPT-4's form with numbers of up to three digits; a piece that is a token needs no merges. */
    LLAMA3(true, List.of(Rules.gpt4("\\p{N}{1,3}")), "llama-bpe", "llama3", "llama-v3"),
    /** The same without that short cut. */
    DBRX(false, List.of(Rules.gpt4("\\p{N}{1,3}")), "dbrx", "smaug-bpe"),
    /** GPT-4's form with digits one by one. */
    QWEN2(false, List.of(Rules.gpt4("\\p{N}")), "qwen2", "stablelm2"),
    /** Punctuation first, then GPT-2, then threes of digits. */
    FALCON(false, List.of("[\\p{P}\\$\\+<=>\\^~\\|`]+", Rules.GPT2, "[0-9][0-9][0-9]"), "falcon"),
    /** What llama.cpp does where a file does not say. */
    DEFAULT(false, List.of("[\\p{P}\\$\\+<=>\\^~\\|]+", Rules.GPT2, "\\p{N}+", "[0-9][0-9][0-9]"), "default");

    private final boolean wholePieces;
    private final List<String> expressions;
    private final List<String> names;

    PreTokenizer(boolean wholePieces, List<String> expressions, String... names) {
        this.wholePieces = wholePieces;
        this.expressions = expressions;
        this.names = List.of(names);
    }

    private static final class Rules {
        static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

        static String gpt4(String numbers) {
            return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" + numbers
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        }
    }

    /**
     * The rule of that name.
     *
     * @throws BadInput if there is none
     */
    static PreTokenizer named(String name) {
        for (PreTokenizer rule : values()) {
            if (rule.names.contains(name)) return rule;
        }
        Set<String> known = new TreeSet<>();
        Arrays.stream(values()).map(rule -> rule.names).forEach(known::addAll);
        throw BadInput.of("the pre-tokenizer `" + name + "` is not known", "known are " + String.join(", ", known)
                + "; or give the model a tokenizer.json");
    }

    /** Whether a piece that is a token as a whole is taken as it is ({@code ignore_merges}). */
    boolean wholePieces() {
        return wholePieces;
    }

    /** The rule as a {@code pre_tokenizer} of {@code tokenizer.json}. */
    ObjectNode json() {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        ArrayNode steps = nodes.arrayNode();
        for (String expression : expressions) {
            ObjectNode split = steps.addObject().put("type", "Split").put("behavior", "Isolated").put("invert", false);
            split.putObject("pattern").put("Regex", expression);
        }
        steps.add(byteLevel());
        return nodes.objectNode().put("type", "Sequence").set("pretokenizers", steps);
    }

    /** Bytes written as letters and letters read as bytes, with no rule of its own. */
    static ObjectNode byteLevel() {
        return JsonNodeFactory.instance.objectNode().put("type", "ByteLevel").put("add_prefix_space", false)
                .put("trim_offsets", true).put("use_regex", false);
    }
}
