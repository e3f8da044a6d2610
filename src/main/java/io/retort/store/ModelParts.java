package io.retort.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.files.BadInput;
import io.retort.files.ConfigFields;
import io.retort.retrieval.DotScoring;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.ScoringForms;
import io.retort.retrieval.VectorHead;
import io.retort.tensor.OnnxFile;
import io.retort.tensor.TensorFile;
import io.retort.text.HuggingFaceTokenizer;
import io.retort.text.TextFormat;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The parts of a retrieval model on disk, whoever wrote them: Retort's own folder, one of sentence-transformers, or a
 * bare encoder of the Hugging Face Hub. Everything that loads, imports or inspects such a folder reads it here.
 *
 * @param config all settings, drawn from whatever files hold them
 * @param weights of the encoder: safetensors, the index of its shards, ONNX, or a file of {@code torch.save}
 * @param dense a file of weights for each dense layer that keeps its own; empty if they are in {@code weights}
 * @param tokenizer the {@code tokenizer.json}
 * @param tokenizerJson what is to be read in its place, where other files change it
 * @param notes what a reader should be told of how the folder was understood, a sentence each
 */
record ModelParts(ModelConfig config, Path weights, List<Path> dense, Path tokenizer, byte[] tokenizerJson,
        List<String> notes) {
    /** The least length of a text in tokens: one token of text between two special ones. */
    private static final int LEAST_TOKENS = 3;
    /** The key under which a provenance holds the {@link #notes}. */
    static final String NOTES = "notes";
    private static final List<String> WEIGHTS = List.of(ModelFolder.WEIGHTS, "model.safetensors.index.json",
            "model.onnx", "onnx/model.onnx", "pytorch_model.bin");

    /**
     * Reads settings and tokenizer of a folder, and looks for the weights without reading them.
     *
     * @param weights the file of the encoder's weights; null for the one in the folder
     * @param forms the scoring forms that the model may have
     * @throws BadInput if the folder is no encoder's, or asks for something that Retort does not do
     */
    static ModelParts of(Path folder, Path weights, ScoringForms forms) throws IOException {
        boolean modules = SentenceTransformersFolder.is(folder);
        SentenceTransformersFolder read = modules ? SentenceTransformersFolder.read(folder) : null;
        Path encoder = modules ? read.transformer() : folder;
        TensorFile.requireNoAdapters(encoder);
        Path file = encoder.resolve(ModelFolder.CONFIG);
        JsonNode json = ConfigFields.read(file);
        ModelConfig config = ModelConfigJson.parse(json, file, forms);
        Path found = weights != null ? weights : weightsIn(encoder);
        List<Path> dense = new ArrayList<>();
        if (json.hasNonNull("retort")) {
            // An export of Retort's: its own settings say all, but dense layers lie in their modules' folders.
            long layers = config.head().layers().stream().filter(VectorHead.Dense.class::isInstance).count();
            if (modules) for (Path each : read.dense().stream().limit(layers).toList()) dense.add(weightsIn(each));
            Path tokenizer = encoder.resolve(ModelFolder.TOKENIZER);
            byte[] bytes = Files.isRegularFile(tokenizer) ? Files.readAllBytes(tokenizer) : new byte[0];
            return new ModelParts(config, found, dense, tokenizer, bytes, notesIn(folder));
        }
        ForeignTokenizer tokenizer = ForeignTokenizer.read(encoder);
        if (modules) for (Path each : read.dense()) dense.add(weightsIn(each));
        return modules
                ? sentences(read, config, found, dense, tokenizer, file)
                : bare(config, found, tokenizer, encoder);
    }

    private static ModelParts sentences(SentenceTransformersFolder read, ModelConfig plain, Path weights,
            List<Path> dense, ForeignTokenizer tokenizer, Path file) throws IOException {
        List<String> notes = new ArrayList<>(read.notes());
        int longest = read.longest().orElse(tokenizer.longest().orElse(plain.encoder().maxTokens()));
        if (longest > plain.encoder().maxTokens()) {
            notes.add("max_seq_length is " + longest + ", the encoder has positions for " + plain.encoder().maxTokens()
                    + " tokens: longer texts are cut there");
            longest = plain.encoder().maxTokens();
        }
        if (longest < LEAST_TOKENS) {
            throw BadInput.in(read.transformer(),
                    "allows texts of " + longest + " tokens (max_seq_length), special ones "
                            + "included, which leaves no room for text",
                    "set max_seq_length to " + LEAST_TOKENS + " or more");
        }
        if (!tokenizer.saysFrame()) {
            notes.add("tokenizer.json has no post_processor: texts stand without special tokens around them");
        }
        if (!(read.queryPrompt() + read.documentPrompt()).isEmpty()) {
            notes.add("contexts begin with the prompt \"" + read.queryPrompt() + "\", replies with \""
                    + read.documentPrompt() + "\"");
        }
        byte[] json = tokenizer.json(read.lowerCase());
        notes.addAll(tokenizer.notes());
        try {
            TextFormat text = tokenizer.format(longest, longest).withPrefixes(read.queryPrompt(),
                    read.documentPrompt());
            ModelConfig config = new ModelConfig(new DotScoring(), plain.encoder(), true, read.head(),
                    read.similarity(), 1, text);
            return new ModelParts(config, weights, dense, tokenizer.file(), json, notes);
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file, e.getMessage(), "take files that belong together").causedBy(e);
        }
    }

    /**
     * Describes an encoder whose files do not say how its outputs become a vector: as sentence-transformers would use
     * it.
     */
    private static ModelParts bare(ModelConfig config, Path weights, ForeignTokenizer tokenizer, Path folder)
            throws IOException {
        TextFormat usual = config.text();
        TextFormat text = tokenizer.saysFrame()
                ? tokenizer.format(usual.maxContextTokens(), usual.maxReplyTokens())
                : usual;
        byte[] json = tokenizer.json(false);
        List<String> notes = new ArrayList<>();
        notes.add("there is no modules.json: vectors are the mean of all tokens, ranked by cosine");
        notes.add("contexts are cut at " + text.maxContextTokens() + " tokens, replies at " + text.maxReplyTokens());
        notes.addAll(tokenizer.notes());
        if (Files.isRegularFile(folder.resolve("1_Pooling").resolve(ModelFolder.CONFIG))) {
            throw BadInput.in(folder, "has a 1_Pooling, and no modules.json to say what stands after it",
                    "fetch the whole folder again");
        }
        return new ModelParts(config.withText(text), weights, List.of(), tokenizer.file(), json, notes);
    }

    /** Returns the notes that an import wrote down about how it understood another program's files. */
    private static List<String> notesIn(Path folder) throws IOException {
        Path provenance = folder.resolve(ModelFolder.PROVENANCE);
        if (!Files.isRegularFile(provenance)) return List.of();
        List<String> notes = new ArrayList<>();
        ConfigFields.read(provenance).path(NOTES).forEach(note -> notes.add(note.asText()));
        return notes;
    }

    private static Path weightsIn(Path folder) {
        return WEIGHTS.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst().orElseThrow(() -> {
            return Files.exists(folder.resolve("pytorch_model.bin.index.json"))
                    ? BadInput.in(folder, "has its weights in several pickles (pytorch_model.bin.index.json), of which "
                            + "only a single one is read",
                            "save the model as safetensors, as save_pretrained of "
                                    + "transformers and sentence-transformers does")
                    : BadInput.in(folder, "holds neither model.safetensors nor model.onnx", "fetch the whole folder");
        });
    }

    /** Opens the weights, which the caller closes. */
    OpenWeights open() throws IOException {
        List<TensorFile> files = new ArrayList<>();
        try {
            files.add(TensorFile.open(weights));
            for (Path file : dense) files.add(TensorFile.open(file));
            return new OpenWeights(files);
        } catch (RuntimeException | IOException e) {
            files.forEach(TensorFile::close);
            throw e;
        }
    }

    /** Returns every file that the weights are made of. */
    List<Path> weightFiles() throws IOException {
        Stream<Path> encoder = Stream.of(weights);
        if (weights.getFileName().toString().endsWith(".index.json")) {
            try (Stream<Path> beside = Files.list(weights.toAbsolutePath().getParent())) {
                encoder = Stream.concat(encoder,
                        beside.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList().stream());
            }
        }
        return Stream.concat(encoder, dense.stream()).toList();
    }

    /** Opens a tokenizer, which the caller closes. */
    Tokenizer openTokenizer() throws IOException {
        return tokenizerJson.length == 0
                ? HuggingFaceTokenizer.open(tokenizer)
                : HuggingFaceTokenizer.parse(tokenizer, tokenizerJson);
    }

    /**
     * The weights' files while they are mapped: first the encoder's, then those of dense layers in files of their own.
     */
    record OpenWeights(List<TensorFile> files) implements AutoCloseable {
        /** Finds the parameters of a model in the files. */
        WeightImport find(ModelConfig config) {
            return WeightImport.of(config, files.getFirst(), files.subList(1, files.size()));
        }

        /**
         * Returns the names of the files that hold some weights of an ONNX file beside it; empty for any other format.
         */
        List<String> external() {
            return files.getFirst() instanceof OnnxFile onnx ? List.copyOf(onnx.externalData()) : List.of();
        }

        @Override
        public void close() {
            files.forEach(TensorFile::close);
        }
    }
}
