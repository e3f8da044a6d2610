package io.retort.generate;

import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.lm.LanguageModel;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.WeightStorage;
import io.retort.tensor.WeightReport;
import io.retort.text.Prompt;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A language model that is spoken to in text: the model, its tokenizer, and what its files say about text. They are a
 * GGUF file, or a folder of the Hugging Face Hub. Safe to use from any thread; close it last.
 */
public final class TextLanguageModel implements AutoCloseable {
    private final Path path;
    private final LanguageModel model;
    private final TeacherText text;

    private TextLanguageModel(Path path, LanguageModel model, TeacherText text) {
        this.path = path;
        this.model = model;
        this.text = text;
    }

    /**
     * Joins a language model that is loaded already with its text; closing the result closes the model.
     *
     * @param path told in messages; its last part is the model's name
     */
    public static TextLanguageModel of(Path path, LanguageModel model, TeacherText text) {
        return new TextLanguageModel(path, model, text);
    }

    /**
     * Opens and loads a model, its weights in 32 bits.
     *
     * @param path a GGUF file or a folder with {@code config.json}, weights and {@code tokenizer.json}
     * @throws BadInput if there is none, it is damaged, of a kind that Retort does not know, or larger than memory
     */
    public static TextLanguageModel open(Path path, Engine engine) throws IOException {
        return open(path, engine, WeightStorage.F32);
    }

    /**
     * Opens and loads a model.
     *
     * @param path    a GGUF file or a folder with {@code config.json}, weights and {@code tokenizer.json}
     * @param storage how weights are kept, by an engine that can; others keep them in 32 bits
     * @throws BadInput if there is none, it is damaged, of a kind that Retort does not know, or larger than memory
     */
    public static TextLanguageModel open(Path path, Engine engine, WeightStorage storage) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(path)) {
            TeacherText text = TeacherText.of(files);
            try {
                requireFits(text.tokenizer(), files);
                return new TextLanguageModel(path, files.load(engine, storage), text);
            } catch (RuntimeException e) {
                text.tokenizer().close();
                throw e;
            }
        }
    }

    /**
     * Checks all that {@link #open} checks, and loads nothing.
     *
     * @return how the weights fit
     * @throws BadInput as {@link #open} does
     */
    public static WeightReport check(LanguageModelFiles files) throws IOException {
        try (Tokenizer tokenizer = TeacherText.of(files).tokenizer()) {
            requireFits(tokenizer, files);
            return files.check();
        }
    }

    private static void requireFits(Tokenizer tokenizer, LanguageModelFiles files) {
        try {
            tokenizer.requireFits(files.config().vocabulary());
        } catch (BadInput e) {
            throw BadInput.in(files.path(), e.getMessage(), "").causedBy(e);
        }
    }

    /** The name of the model's file or folder, for people to read. */
    public String name() {
        return name(path);
    }

    /** The name that people are shown for the model at a path. */
    public static String name(Path path) {
        return path.toAbsolutePath().normalize().getFileName().toString();
    }

    public LanguageModel model() {
        return model;
    }

    public Tokenizer tokenizer() {
        return text.tokenizer();
    }

    /** The tokens that begin and end a text. */
    public ControlTokens control() {
        return text.control();
    }

    /** All tokens at which generation ends, whatever the prompt; often one, none for a model that names none. */
    public Set<Integer> endTokens() {
        return text.endTokens();
    }

    /** What the model's files say about text; the tokenizer in it is this model's. */
    public TeacherText text() {
        return text;
    }

    /** The chat template in Jinja; empty if the model is none for chats. */
    public Optional<String> chatTemplate() {
        return text.chatTemplate();
    }

    /**
     * Ids of a text that a model goes on from, taken literally: what looks like a special token is only text. The
     * model's begin token comes first where the model expects it, and stands for a text without tokens; if the model
     * has none, its end token does, which training puts between texts.
     *
     * @throws BadInput if the text has no tokens and the model neither begin nor end token
     */
    public int[] literalPrompt(String literal) {
        int[] ids = control().beforeText().then(Prompt.untrusted(literal)).encode(tokenizer());
        if (ids.length > 0) return ids;
        String begin = control().begin().isEmpty() ? control().end() : control().begin();
        if (begin.isEmpty()) {
            throw BadInput.in(path, "names no token that begins a text, so a prompt must not be empty",
                    "begin the prompt with a line break");
        }
        return new int[]{tokenizer().requiredId(begin)};
    }

    @Override
    public void close() {
        model.close();
        tokenizer().close();
    }
}
