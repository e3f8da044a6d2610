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
    GPT2(List.of(Rules.GPT2), "gpt-2", "gpt2", "mpt", "olmo", "jais", "trillion", "granite-docling", "phi-2",
            "roberta-bpe", "jina-v1-en", "jina-v2-code", "jina-v2-es", "jina-v2-de", "jina-es", "jina-de", "gigachat",
            "a.x-4.0", "mellum", "exaone4", "modern-bert"),
    /** Digits one by one, then GPT-2. */
    DIGITS(List.of("\\p{N}", Rules.GPT2), "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone",
            "minerva-7b"),
    /** GPT-4's form with numbers of up to three digits; a piece that is a token needs no merges. */
    LLAMA3(true, true, List.of(Rules.gpt4("\\p{N}{1,3}")), "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1",
            "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"),
    /** GPT-4's form with numbers of up to three digits; every piece is built by merges, also one that is a token. */
    DBRX(List.of(Rules.gpt4("\\p{N}{1,3}")), "dbrx", "smaug-bpe", "glm4", "chatglm-bpe"),
    /** GPT-4's form with numbers of up to three digits, and white space in runs of powers of two. */
    JAIS2(List.of(Rules.GPT4_HEAD + "\\p{N}{1,3}" + Rules.GPT4_MARKS
            + "|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)"
            + "|\\s{64}(?!\\S)|\\s{32}(?!\\S)|\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s{1}"),
            "jais-2"),
    /** GPT-4's form with digits one by one. */
    QWEN2(List.of(Rules.gpt4("\\p{N}")), "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "hunyuan",
            "solar-open", "grok-2", "stablelm2"),
    /** GPT-4's form with digits one by one, and combining marks as parts of words. */
    QWEN35(List.of("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"), "qwen35"),
    /** Line breaks apart from marks, digits one by one. */
    SEED_CODER(List.of(Rules.GPT4_HEAD + "\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
            "seed-coder"),
    /** One line break at a time, digits one by one. */
    BAILING(List.of("'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*"
            + "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"), "bailingmoe", "bailingmoe2", "llada-moe"),
    /** GPT-4o's form: words end where small letters do. */
    GPT4O(List.of(Rules.cased("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "\\p{N}{1,3}")), "gpt-4o", "llama4", "kanana2",
            "minimax-m2"),
    /** GPT-4o's form without contractions and with digits one by one. */
    TEKKEN(true, true, List.of(Rules.cased("", "\\p{N}")), "tekken"),
    /** Numbers of up to three digits, Chinese and Japanese, then words and marks apart. */
    DEEPSEEK3(List.of("\\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                    + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
            "deepseek-v3", "hunyuan-dense", "joyai-llm"),
    /** Words and marks with the white space before them, digits one by one. */
    DEEPSEEK_CODER(List.of("[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+",
            "\\p{N}"), "deepseek-coder"),
    /** What stands between spaces and the marks of a sentence. */
    BLOOM(List.of(Rules.BLOOM), "bloom", "poro-chat", "gpt3-finnish"),
    /** What stands between spaces and the marks of a sentence, as for {@link #BLOOM}, then digits one by one. */
    VIKING(List.of(Rules.BLOOM, "\\p{N}"), "viking"),
    /** Marks of images, pairs of spaces, digits and punctuation one by one, then GPT-2. */
    CHAMELEON(false, true, List.of("<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", "([\\t\\n]|    |  )",
            "\\p{N}", "[\\p{P}!-/:-@\\[-`{-~]", Rules.GPT2), "chameleon"),
    /** Punctuation first, then GPT-2, then threes of digits. */
    FALCON(List.of("[\\p{P}\\$\\+<=>\\^~\\|`]+", Rules.GPT2, "[0-9][0-9][0-9]"), "falcon"),
    /** The rule of llama.cpp where a file names none. */
    DEFAULT(List.of("[\\p{P}\\$\\+<=>\\^~\\|]+", Rules.GPT2, "\\p{N}+", "[0-9][0-9][0-9]"), "default");

    private final boolean wholePieces;
    private final boolean beginsText;
    private final List<String> expressions;
    private final List<String> names;

    PreTokenizer(List<String> expressions, String... names) {
        this(false, false, expressions, names);
    }

    PreTokenizer(boolean wholePieces, boolean beginsText, List<String> expressions, String... names) {
        this.wholePieces = wholePieces;
        this.beginsText = beginsText;
        this.expressions = expressions;
        this.names = List.of(names);
    }

    private static final class Rules {
        static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

        static final String GPT4_HEAD = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
        static final String GPT4_MARKS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+";
        static final String BLOOM = " ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+";

        static String gpt4(String numbers) {
            return GPT4_HEAD + numbers + GPT4_MARKS + "|\\s+(?!\\S)|\\s+";
        }

        static String cased(String contractions, String numbers) {
            String large = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]", small = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
            String before = "[^\\r\\n\\p{L}\\p{N}]?";
            return before + large + "*" + small + "+" + contractions + "|" + before + large + "+" + small + "*"
                    + contractions + "|" + numbers + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        }
    }

    /**
     * The rule that llama.cpp knows by a name.
     *
     * @throws BadInput if there is none
     */
    static PreTokenizer named(String name) {
        for (PreTokenizer rule : values()) {
            if (rule.names.contains(name)) return rule;
        }
        throw BadInput.of("the pre-tokenizer `" + name + "` is not known", "known are " + String.join(", ", known())
                + "; or give the model a tokenizer.json");
    }

    /** Whether a piece that is a token as a whole is taken as it is ({@code ignore_merges}). */
    boolean wholePieces() {
        return wholePieces;
    }

    /** Whether llama.cpp puts the begin token before every text, where a file of this rule does not say. */
    boolean beginsText() {
        return beginsText;
    }

    /** The names of all rules. */
    static Set<String> known() {
        Set<String> known = new TreeSet<>();
        Arrays.stream(values()).map(rule -> rule.names).forEach(known::addAll);
        return known;
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

    /** A {@code pre_tokenizer} that only writes bytes as letters and does not cut. */
    static ObjectNode byteLevel() {
        return JsonNodeFactory.instance.objectNode().put("type", "ByteLevel").put("add_prefix_space", false)
                .put("trim_offsets", true).put("use_regex", false);
    }
}
