package io.retort.generate;

import io.retort.files.BadInput;
import io.retort.model.LanguageModelFiles;
import io.retort.tensor.GgufFile;
import io.retort.tensor.GgufMetadata;
import io.retort.text.BpeVocabulary;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a language model's files say about text. The tokenizer is the caller's to close.
 *
 * @param endTokens    ids at which generation ends
 * @param chatTemplate in Jinja
 */
public record TeacherText(Tokenizer tokenizer, ControlTokens control, Set<Integer> endTokens,
        Optional<String> chatTemplate) {
    private static final String TOKENIZER = "tokenizer.ggml.";
    /** What ends a text, a turn and a message; files name one to three of them. */
    private static final List<String> ENDS = List.of("eos_token_id", "eot_token_id", "eom_token_id");

    public TeacherText {
        endTokens = Set.copyOf(endTokens);
    }

    /** @throws BadInput if the tokenizer is missing, damaged or of a kind that Retort does not know */
    public static TeacherText of(LanguageModelFiles files) throws IOException {
        return files.gguf().isPresent() ? of(files.gguf().get()) : new HubText(files.path()).read();
    }

    private static TeacherText of(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        Set<Integer> ends = new HashSet<>();
        List<String> tokens = tokens(metadata);
        for (String key : ENDS) id(file, key, tokens).ifPresent(id -> ends.add((int) id));
        String begin = name(file, "bos_token_id", tokens);
        boolean add = !begin.isEmpty() && metadata.bool(TOKENIZER + "add_bos_token").orElse(false);
        return new TeacherText(vocabulary(file).tokenizer(file.path()),
                new ControlTokens(begin, name(file, "eos_token_id", tokens), add), ends,
                metadata.string("tokenizer.chat_template"));
    }

    private static List<String> tokens(GgufMetadata metadata) {
        return metadata.strings(TOKENIZER + "tokens").orElseThrow(() -> metadata.missing(TOKENIZER + "tokens"));
    }

    /** @throws BadInput if there is none, or one of a kind that Retort does not know */
    static BpeVocabulary vocabulary(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        String kind = metadata.string(TOKENIZER + "model").orElseThrow(() -> metadata.missing(TOKENIZER + "model"));
        if (!kind.equals("gpt2")) {
            throw BadInput.in(file.path(), "its tokenizer is of the kind \"" + kind + "\"",
                    "Retort knows \"gpt2\" (byte-level BPE) alone; take the model's folder with tokenizer.json");
        }
        List<String> merges = metadata.strings(TOKENIZER + "merges")
                .orElseThrow(() -> metadata.missing(TOKENIZER + "merges"));
        return new BpeVocabulary(tokens(metadata), metadata.integers(TOKENIZER + "token_type").orElse(new int[0]),
                merges, metadata.string(TOKENIZER + "pre").orElse("default"));
    }

    private static String name(GgufFile file, String key, List<String> tokens) {
        OptionalLong id = id(file, key, tokens);
        return id.isPresent() ? tokens.get((int) id.getAsLong()) : "";
    }

    private static OptionalLong id(GgufFile file, String key, List<String> tokens) {
        OptionalLong id = file.metadata().integer(TOKENIZER + key);
        if (id.isPresent() && (id.getAsLong() < 0 || id.getAsLong() >= tokens.size())) {
            throw BadInput.in(file.path(), "metadata " + TOKENIZER + key + " is " + id.getAsLong() + ", the vocabulary "
                    + "has " + tokens.size() + " tokens", "convert the model again");
        }
        return id;
    }
}
