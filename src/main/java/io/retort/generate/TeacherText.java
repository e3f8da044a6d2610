package io.retort.generate;

import io.retort.files.BadInput;
import io.retort.lm.LanguageModelFiles;
import io.retort.tensor.GgufFile;
import io.retort.tensor.GgufMetadata;
import io.retort.text.BpeVocabulary;
import io.retort.text.SentencePieceVocabulary;
import io.retort.text.Tokenizer;
import io.retort.text.Vocabulary;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a language model's files say about text. The tokenizer is the caller's to close.
 *
 * @param chatTemplate in Jinja; empty if the model has none, or one of nothing
 * @param source       how turns are laid out for a model that reads them apart from what it writes; empty for another
 */
public record TeacherText(Tokenizer tokenizer, ControlTokens control, Optional<String> chatTemplate,
        Optional<SourceTurns.Layout> source) {
    private static final String TOKENIZER = "tokenizer.ggml.";
    /**
     * Keys under which files name the tokens that end a text, a turn and a message; files have one to three of them.
     */
    private static final List<String> ENDS = List.of("eos_token_id", "eot_token_id", "eom_token_id");
    /** The names of tokens in templates, with the keys under which GGUF has their ids. */
    private static final Map<String, String> NAMES = Map.of("bos_token", "bos_token_id", "eos_token", "eos_token_id",
            "unk_token", "unknown_token_id", "sep_token", "seperator_token_id", "pad_token", "padding_token_id",
            "cls_token", "cls_token_id", "mask_token", "mask_token_id");
    private static final Logger LOG = LoggerFactory.getLogger(TeacherText.class);

    public TeacherText {
        chatTemplate = chatTemplate.filter(template -> !template.isBlank());
    }

    /** What the files of a model say about text that goes on with its prompt. */
    public TeacherText(Tokenizer tokenizer, ControlTokens control, Optional<String> chatTemplate) {
        this(tokenizer, control, chatTemplate, Optional.empty());
    }

    /** The ids of the tokens at which generation ends, whatever the prompt. */
    public Set<Integer> endTokens() {
        return control.endIds(tokenizer);
    }

    /** @throws BadInput if the tokenizer is missing, damaged or of a kind that Retort does not know */
    public static TeacherText of(LanguageModelFiles files) throws IOException {
        if (files.gguf().isPresent()) return of(files.gguf().get());
        HubText text = new HubText(files.path());
        return files.config().family().source().isPresent() ? text.readSource(files.config()) : text.read();
    }

    private static TeacherText of(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        List<String> tokens = tokens(metadata);
        Map<String, String> named = new HashMap<>();
        NAMES.forEach((name, key) -> id(file, key, tokens).ifPresent(id -> named.put(name, tokens.get(id))));
        Vocabulary vocabulary = vocabulary(file);
        Tokenizer tokenizer = vocabulary.tokenizer(file.path());
        try {
            String begin = named.getOrDefault("bos_token", ""), end = named.getOrDefault("eos_token", "");
            Set<Integer> ends = new HashSet<>(tokenizer.specialTokens().ends());
            for (String key : ENDS) id(file, key, tokens).ifPresent(ends::add);
            ends.removeIf(id -> tokens.get(id).equals(end));
            return new TeacherText(tokenizer,
                    new ControlTokens(begin, end, addsBegin(file, vocabulary) ? begin : "", named, ends),
                    metadata.string("tokenizer.chat_template"));
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    private static boolean addsBegin(GgufFile file, Vocabulary vocabulary) {
        return file.metadata().bool(TOKENIZER + "add_bos_token").orElseGet(() -> vocabulary.beginsText(file.path()));
    }

    private static List<String> tokens(GgufMetadata metadata) {
        return metadata.strings(TOKENIZER + "tokens").orElseThrow(() -> metadata.missing(TOKENIZER + "tokens"));
    }

    /** @throws BadInput if there is none, or one of a kind that Retort does not know */
    static Vocabulary vocabulary(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        String kind = metadata.string(TOKENIZER + "model").orElseThrow(() -> metadata.missing(TOKENIZER + "model"));
        return switch (kind) {
            case "gpt2" -> bpe(file);
            case "llama" -> new SentencePieceVocabulary(tokens(metadata), types(metadata),
                    metadata.reals(TOKENIZER + "scores").orElseThrow(() -> metadata.missing(TOKENIZER + "scores")),
                    metadata.bool(TOKENIZER + "add_space_prefix").orElse(true));
            default -> throw BadInput.in(file.path(), "its tokenizer is of the kind \"" + kind + "\"",
                    "Retort knows \"gpt2\" (byte-level BPE) and \"llama\" (BPE of SentencePiece); take the model's "
                            + "folder with tokenizer.json");
        };
    }

    private static int[] types(GgufMetadata metadata) {
        return metadata.integers(TOKENIZER + "token_type").orElse(new int[0]);
    }

    private static BpeVocabulary bpe(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        List<String> merges = metadata.strings(TOKENIZER + "merges")
                .orElseThrow(() -> metadata.missing(TOKENIZER + "merges"));
        Optional<String> rule = metadata.string(TOKENIZER + "pre").filter(name -> !name.isEmpty());
        if (rule.isEmpty()) {
            LOG.warn("{} does not say how its text is cut into pieces (tokenizer.ggml.pre): `default` is taken, as in "
                    + "llama.cpp, and may be another rule than in training; convert the model again", file.path());
        }
        return new BpeVocabulary(tokens(metadata), types(metadata), merges, rule.orElse("default"));
    }

    /** Reads a token's id; empty also where it is that of no token, which is how files say that they have none. */
    private static Optional<Integer> id(GgufFile file, String key, List<String> tokens) {
        OptionalLong id = file.metadata().integer(TOKENIZER + key);
        boolean there = id.isPresent() && id.getAsLong() >= 0 && id.getAsLong() < tokens.size();
        return there ? Optional.of((int) id.getAsLong()) : Optional.empty();
    }
}
