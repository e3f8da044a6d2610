package io.retort.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.objects.Object2IntMap;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;

/**
 * The tokens of ASCII text as BERT's tokenizers make them, in Java: text is cleaned and lowered, cut at white space and
 * around punctuation, and each word into the longest pieces of the vocabulary. They are those of the native library,
 * which takes longer to load than an answer, and is left alone where all text is ASCII. Immutable.
 */
final class AsciiWordPiece {
    private static final Set<String> PARTS = Set.of("version", "truncation", "padding", "added_tokens", "normalizer",
            "pre_tokenizer", "post_processor", "decoder", "model");

    private final Object2IntMap<String> ids;
    private final String prefix;
    private final int unknown;
    private final int longestWord;
    private final int longestPiece;
    private final boolean lower;

    private AsciiWordPiece(Object2IntMap<String> ids, JsonNode model, int longestPiece, boolean lower) {
        this.ids = ids;
        this.prefix = model.path("continuing_subword_prefix").textValue();
        this.unknown = ids.getInt(model.path("unk_token").textValue());
        this.longestWord = model.path("max_input_chars_per_word").intValue();
        this.longestPiece = longestPiece;
        this.lower = lower;
    }

    /**
     * The pieces of a tokenizer that is BERT's in every setting and has no added tokens that text is searched for; empty
     * for any other, and wherever the library might refuse the file.
     *
     * @param root a {@code tokenizer.json}, special tokens of the vocabulary taken out of the added ones
     * @param ids  its vocabulary, which answers -1 for what it lacks
     */
    static Optional<AsciiWordPiece> of(ObjectNode root, Object2IntMap<String> ids) {
        JsonNode normalizer = root.path("normalizer"), model = root.path("model"), decoder = root.path("decoder");
        JsonNode accents = normalizer.path("strip_accents");
        boolean isBert = hasOnly(root, PARTS)
                && isOf(normalizer, "BertNormalizer", "clean_text", "handle_chinese_chars", "strip_accents",
                        "lowercase")
                && normalizer.path("clean_text").booleanValue() && normalizer.path("handle_chinese_chars").isBoolean()
                && (accents.isNull() || accents.isBoolean()) && normalizer.path("lowercase").isBoolean()
                && isOf(root.path("pre_tokenizer"), "BertPreTokenizer")
                && isOf(decoder, "WordPiece", "prefix", "cleanup")
                && decoder.path("prefix").isTextual() && decoder.path("cleanup").isBoolean()
                && isOf(model, "WordPiece", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word",
                        "vocab")
                && model.path("continuing_subword_prefix").isTextual() && model.path("unk_token").isTextual()
                && model.path("max_input_chars_per_word").canConvertToInt()
                && model.path("max_input_chars_per_word").intValue() > 0
                && root.path("added_tokens").isEmpty() && !root.path("added_tokens").isValueNode();
        int longest = isBert ? longestToken(ids) : -1;
        return longest < 0
                ? Optional.empty()
                : Optional.of(new AsciiWordPiece(ids, model, longest, normalizer.path("lowercase").booleanValue()));
    }

    private static boolean isOf(JsonNode part, String type, String... settings) {
        return part.isObject() && part.size() == settings.length + 1 && type.equals(part.path("type").textValue())
                && hasAll(part, settings);
    }

    private static boolean hasAll(JsonNode part, String... names) {
        for (String name : names) if (!part.has(name)) return false;
        return true;
    }

    private static boolean hasOnly(JsonNode part, Set<String> names) {
        for (Iterator<String> name = part.fieldNames(); name.hasNext();) if (!names.contains(name.next())) return false;
        return true;
    }

    /** The length of the longest token; -1 if one has a half of a surrogate pair, which the library refuses. */
    private static int longestToken(Object2IntMap<String> ids) {
        int longest = 0;
        for (String token : ids.keySet()) {
            longest = Math.max(longest, token.length());
            for (int i = 0; i < token.length(); i++) if (Character.isSurrogate(token.charAt(i))) return -1;
        }
        return longest;
    }

    /** Whether a text is nothing but printable ASCII and white space, which alone {@link #encode} reads. */
    static boolean reads(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' || c > '~') && !isSpace(c)) return false;
        }
        return true;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    private static boolean isPunctuation(char c) {
        return c > ' ' && c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a' || c > 'z';
    }

    /**
     * The tokens of a text.
     *
     * @param text one that it {@link #reads}
     */
    int[] encode(String text) {
        char[] letters = text.toCharArray();
        if (lower)
            for (int i = 0; i < letters.length; i++) if (letters[i] >= 'A' && letters[i] <= 'Z') letters[i] += 32;
        IntArrayList tokens = new IntArrayList();
        for (int from = 0; from < letters.length;) {
            int to = from + 1;
            if (isSpace(letters[from])) {
                from = to;
                continue;
            }
            if (!isPunctuation(letters[from])) {
                while (to < letters.length && !isSpace(letters[to]) && !isPunctuation(letters[to])) to++;
            }
            addWord(letters, from, to, tokens);
            from = to;
        }
        return tokens.toIntArray();
    }

    private void addWord(char[] letters, int from, int to, IntArrayList tokens) {
        int before = tokens.size();
        for (int start = from; start < to && to - from <= longestWord;) {
            String begin = start == from ? "" : prefix;
            int end = Math.min(to, start + longestPiece), id = -1;
            while (end > start && (id = ids.getInt(begin + new String(letters, start, end - start))) < 0) end--;
            if (id < 0) break;
            tokens.add(id);
            start = end;
            if (start == to) return;
        }
        tokens.size(before);
        tokens.add(unknown);
    }
}
