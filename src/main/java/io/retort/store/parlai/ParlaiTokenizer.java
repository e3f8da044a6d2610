package io.retort.store.parlai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.JsonFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.stream.Collectors;

/**
 * Writes a dictionary with its byte pair encoding as a {@code tokenizer.json} that gives ParlAI's ids. An encoding may
 * merge into what is no token of the dictionary; ParlAI takes such a piece for the unknown token. Here it gets a token
 * of its own after all others, to whose embedding the unknown token's is copied, so that the model sees the same.
 *
 * @param json       the {@code tokenizer.json}
 * @param vocabulary its ids by piece
 * @param tokens     how many tokens the dictionary has
 * @param beyond     how many follow that stand for the unknown token
 */
record ParlaiTokenizer(byte[] json, JsonNode vocabulary, int tokens, int beyond) {
    static final List<String> KINDS = List.of("bpe", "gpt2", "bytelevelbpe", "slow_bytelevel_bpe");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LARGEST_VOCABULARY = 64 << 20;
    private static final int MOST_MERGES = 1 << 20;
    private static final String WORD_END = "</w>";
    private static final String GOES_ON = "@@";
    /** Python's {@code \w+|[^\w\s]}, whose word characters are letters, numbers and the underscore. */
    private static final String WORDS = "[\\p{L}\\p{N}_]+|[^\\p{L}\\p{N}_\\s\\x{1c}-\\x{1f}]";

    /**
     * Reads the encoding beside the dictionary.
     *
     * @throws BadInput if its files are missing or damaged, or it is of another kind than {@link #KINDS}
     */
    static ParlaiTokenizer read(ParlaiFiles files, ParlaiOptions options, ParlaiDictionary dictionary)
            throws IOException {
        String kind = options.oneOf("dict_tokenizer", "re", KINDS);
        return kind.equals("bpe")
                ? words(files, options, dictionary)
                : bytes(files, options, dictionary, kind);
    }

    /** Makes the tokenizer of subword-nmt's encoding, whose pieces of words end in {@code @@} but for the last. */
    private static ParlaiTokenizer words(ParlaiFiles files, ParlaiOptions options, ParlaiDictionary dictionary)
            throws IOException {
        Path codes = files.besideDictionary("the codes of its byte pairs", ".codecs");
        Writer writer = new Writer(dictionary);
        List<String> special = dictionary.special().names().toList();
        dictionary.ids().forEach((token, id) -> writer.put(special.contains(token)
                ? token
                : token.endsWith(GOES_ON) ? token.substring(0, token.length() - 2) : token + WORD_END, id));
        String[] lines = ParlaiDictionary.text(codes).stripTrailing().split("\n");
        if (!lines[0].strip().equals("#version: 0.2")) {
            throw BadInput.atLine(codes, 1, "codes of byte pairs that do not begin with \"#version: 0.2\"",
                    "only that version of subword-nmt's codes is supported");
        }
        for (int i = 1; i < lines.length; i++) writer.merge(codes, i + 1, lines[i].strip());
        writer.model.put("unk_token", dictionary.special().unknown()).put("end_of_word_suffix", WORD_END);
        ArrayNode normalizers = writer.normalizers(options);
        replace(normalizers, "\n", " __newln__ ");
        ObjectNode split = writer.root.putObject("pre_tokenizer").put("type", "Split").put("behavior", "Removed")
                .put("invert", true);
        split.putObject("pattern").put("Regex", WORDS);
        writer.root.putObject("decoder").put("type", "BPEDecoder").put("suffix", WORD_END);
        return writer.finish();
    }

    /** Makes the tokenizer of a byte-level encoding, of which ParlAI has three implementations. */
    private static ParlaiTokenizer bytes(ParlaiFiles files, ParlaiOptions options, ParlaiDictionary dictionary,
            String kind) throws IOException {
        boolean slow = !kind.equals("bytelevelbpe");
        Path vocabulary = files.besideDictionary("the vocabulary of its byte pairs", "-vocab.json", "/encoder.json");
        Path codes = files.besideDictionary("the merges of its byte pairs", "-merges.txt", "/vocab.bpe");
        List<String> pieces = pieces(vocabulary, kind.equals("slow_bytelevel_bpe"));
        // The slow ones write bytes that are not printed as hexadecimal numbers in their dictionary.
        List<String> names = slow ? pieces.stream().map(ParlaiTokenizer::escaped).toList() : pieces;
        ParlaiDictionary ids = dictionary;
        if (kind.equals("slow_bytelevel_bpe")) {
            var only = new LinkedHashMap<String, Integer>();
            dictionary.special().names().forEach(name -> only.put(name, only.size()));
            ids = new ParlaiDictionary(dictionary.file(), only, dictionary.special());
        }
        ids.addAll(names);
        Writer writer = new Writer(ids);
        SequencedMap<String, Integer> byToken = ids.ids();
        ids.special().names().forEach(name -> writer.put(name, byToken.get(name)));
        for (int i = 0; i < pieces.size(); i++) {
            if (!writer.vocabulary.has(pieces.get(i))) writer.put(pieces.get(i), byToken.get(names.get(i)));
        }
        String[] lines = ParlaiDictionary.text(codes).stripTrailing().split("\n");
        for (int i = 0; i < lines.length; i++) {
            if (i == 0 && lines[i].startsWith("#version")) continue;
            writer.merge(codes, i + 1, lines[i].replaceFirst("\r$", ""));
        }
        boolean space = options.flag("bpe_add_prefix_space", !slow);
        ArrayNode normalizers = writer.normalizers(options);
        // The slow ones put the space before texts that begin with one, too.
        if (slow && space) normalizers.addObject().put("type", "Prepend").put("prepend", " ");
        writer.root.putObject("pre_tokenizer").put("type", "ByteLevel").put("add_prefix_space", space && !slow)
                .put("trim_offsets", true).put("use_regex", true);
        writer.root.putObject("decoder").put("type", "ByteLevel").put("add_prefix_space", true)
                .put("trim_offsets", true).put("use_regex", true);
        return writer.finish();
    }

    /** Returns the pieces that these ids stand for, with blanks between. */
    String pieces(int[] ids) {
        Map<Integer, String> byId = new LinkedHashMap<>();
        vocabulary.properties().forEach(entry -> byId.put(entry.getValue().intValue(), entry.getKey()));
        return Arrays.stream(ids).mapToObj(byId::get).collect(Collectors.joining(" "));
    }

    /** Returns the pieces of a {@code vocab.json}, in the file's order or by their numbers. */
    private static List<String> pieces(Path file, boolean filesOrder) throws IOException {
        JsonNode root = JsonFile.read(file, LARGEST_VOCABULARY);
        if (!root.isObject()) throw BadInput.in(file, "does not hold a JSON object", "fetch the file again");
        List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(root.properties());
        entries.forEach(entry -> {
            if (!entry.getValue().isInt()) {
                throw BadInput.in(file, "token \"" + entry.getKey() + "\" has the number " + entry.getValue(),
                        "fetch the file again");
            }
        });
        if (!filesOrder) entries.sort(Comparator.comparingInt(entry -> entry.getValue().intValue()));
        return entries.stream().map(Map.Entry::getKey).toList();
    }

    private static String escaped(String piece) {
        var name = new StringBuilder();
        for (byte signed : piece.getBytes(StandardCharsets.UTF_8)) {
            int value = Byte.toUnsignedInt(signed);
            if (value > 127 || value < 32) name.append("\\x").append(Integer.toHexString(value));
            else name.append((char) value);
        }
        return name.toString();
    }

    private static void replace(ArrayNode normalizers, String text, String by) {
        normalizers.addObject().put("type", "Replace").put("content", by).putObject("pattern").put("String", text);
    }

    /** Puts a {@code tokenizer.json} together. */
    private static final class Writer {
        private final ParlaiDictionary dictionary;
        private final ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        private final ObjectNode model = JSON.createObjectNode().put("type", "BPE").put("fuse_unk", false)
                .put("byte_fallback", false);
        private final ObjectNode vocabulary = JSON.createObjectNode();
        private final SequencedSet<List<String>> merges = new LinkedHashSet<>();
        private int beyond;

        Writer(ParlaiDictionary dictionary) {
            this.dictionary = dictionary;
        }

        void put(String piece, int id) {
            if (vocabulary.has(piece)) {
                throw BadInput.in(dictionary.file(), "has two tokens that are both the piece \"" + piece + "\"",
                        "take the dictionary that belongs to the model");
            }
            vocabulary.put(piece, id);
        }

        /** Adds a merge, a line of two pieces; the first of two like ones counts. */
        void merge(Path file, long line, String text) {
            String[] pair = text.split(" ", -1);
            if (pair.length != 2 || pair[0].isEmpty() || pair[1].isEmpty()) {
                throw BadInput.atLine(file, line, "a merge that is not of two pieces", "fetch the file again");
            }
            if (merges.size() >= MOST_MERGES) throw BadInput.in(file, "has too many merges", "check the path");
            merges.add(List.of(pair));
            for (String piece : List.of(pair[0], pair[1], pair[0] + pair[1])) {
                if (!vocabulary.has(piece)) vocabulary.put(piece, dictionary.size() + beyond++);
            }
        }

        /** Makes the list of what happens to a text before it is cut. */
        ArrayNode normalizers(ParlaiOptions options) {
            ArrayNode normalizers = root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
            if (options.flag("dict_lower", false)) normalizers.addObject().put("type", "Lowercase");
            return normalizers;
        }

        ParlaiTokenizer finish() throws IOException {
            ArrayNode added = root.putArray("added_tokens");
            dictionary.special().names().forEach(name -> added.addObject().put("id", dictionary.ids().get(name))
                    .put("content", name).put("single_word", false).put("lstrip", false).put("rstrip", false)
                    .put("normalized", false).put("special", true));
            model.set("vocab", vocabulary);
            ArrayNode pairs = model.putArray("merges");
            merges.forEach(pair -> pairs.addArray().add(pair.get(0)).add(pair.get(1)));
            root.set("model", model);
            if (root.path("normalizer").path("normalizers").isEmpty()) root.putNull("normalizer");
            return new ParlaiTokenizer(JSON.writeValueAsBytes(root), vocabulary, dictionary.size(), beyond);
        }
    }
}
