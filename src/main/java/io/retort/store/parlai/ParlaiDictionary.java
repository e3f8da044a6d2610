package io.retort.store.parlai;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * A dictionary of ParlAI's: tokens, whose ids are the order in which they come, special ones first.
 *
 * @param ids by token; unmodifiable by convention
 */
record ParlaiDictionary(Path file, SequencedMap<String, Integer> ids, Special special) {
    private static final long LARGEST = 256L << 20;

    /** The names of the special tokens; two may be one. */
    record Special(String padding, String start, String end, String unknown) {
        static Special of(ParlaiOptions options) {
            return new Special(options.string("dict_nulltoken", "__null__"), options.string("dict_starttoken",
                    "__start__"), options.string("dict_endtoken", "__end__"),
                    options.string("dict_unktoken", "__unk__"));
        }

        Stream<String> names() {
            return Stream.of(padding, start, end, unknown).filter(name -> !name.isEmpty()).distinct();
        }
    }

    /**
     * Reads the file.
     *
     * @throws BadInput for a line that is no token with its count
     */
    static ParlaiDictionary read(Path file, ParlaiOptions options) throws IOException {
        Special special = Special.of(options);
        if (special.padding().isEmpty() || special.unknown().isEmpty()) {
            throw BadInput.in(options.file(), "names no dict_nulltoken or no dict_unktoken",
                    "a model without them is not supported");
        }
        var ids = new LinkedHashMap<String, Integer>();
        special.names().forEach(name -> ids.put(name, ids.size()));
        boolean lower = special.padding().equals(special.padding().toLowerCase(Locale.ROOT));
        String[] lines = text(file).split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i].replaceFirst("\r+$", "");
            if (line.isEmpty() && i == lines.length - 1) break;
            String[] parts = line.split("\t", -1);
            if (parts[0].isEmpty()) {
                throw BadInput.atLine(file, i + 1, "a line without a token", "take the dictionary of the model");
            }
            if (parts.length > 1 && !parts[1].strip().matches("[+-]?\\d+")) {
                throw BadInput.atLine(file, i + 1, "the count \"" + parts[1] + "\" is no number",
                        "a line is a token, a tab and its count");
            }
            String token = parts[0].replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r");
            boolean shouted = lower && Stream.of("__UNK__", "__NULL__", "__END__", "__START__").anyMatch(token::equals);
            ids.putIfAbsent(shouted ? token.toLowerCase(Locale.ROOT) : token, ids.size());
        }
        return new ParlaiDictionary(file, ids, special);
    }

    /** Reads a file of text as ParlAI does, which passes over bytes that are no UTF-8. */
    static String text(Path file) throws IOException {
        if (Files.size(file) > LARGEST) throw BadInput.in(file, "is larger than a dictionary can be", "check the path");
        return StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.IGNORE)
                .onUnmappableCharacter(CodingErrorAction.IGNORE).decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                .toString();
    }

    int size() {
        return ids.size();
    }

    int unknownId() {
        return ids.get(special.unknown());
    }

    /** Appends tokens that it does not have yet. */
    void addAll(Iterable<String> tokens) {
        for (String token : tokens) ids.putIfAbsent(token, ids.size());
    }
}
