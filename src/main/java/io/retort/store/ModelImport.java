package io.retort.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.ScoringForms;
import io.retort.tensor.GgufFile;
import io.retort.tensor.WeightReport;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Turns a model of another program into a model folder, after checking that everything fits. Folders of
 * sentence-transformers keep their meaning: pooling, dense layers, normalisation, lengths and prompts are those that their
 * files say, or the import is refused.
 */
public final class ModelImport {
    private final ModelParts parts;
    private final Leniency leniency;

    /** What an import tolerates in the files that it reads. */
    public enum Leniency {
        /** Tolerates nothing: every tensor of the file must have its place in the model. */
        STRICT,
        /** Tolerates tensors that the model does not ask for. */
        UNEXPECTED
    }

    private ModelImport(ModelParts parts, Leniency leniency) {
        this.parts = parts;
        this.leniency = leniency;
    }

    /**
     * Prepares an import of files that lie anywhere.
     *
     * @param weights safetensors or ONNX
     * @param tokenizer a {@code tokenizer.json}
     */
    public ModelImport(ModelConfig config, Path weights, Path tokenizer, Leniency leniency) {
        this(new ModelParts(config, weights, List.of(), tokenizer, bytes(tokenizer), List.of()), leniency);
    }

    /** Returns the file's bytes, or none if there is no such file; {@link #write} then reports it. */
    private static byte[] bytes(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read", e);
        }
    }

    /**
     * Prepares an import of a folder, whose files say how the model computes.
     *
     * @param weights the file of the encoder's weights; null for the one in the folder
     * @throws BadInput if the folder cannot be read, or asks for something that Retort does not do
     */
    public static ModelImport of(Path folder, Path weights, Leniency leniency) throws IOException {
        return new ModelImport(ModelParts.of(folder, weights, ScoringForms.KNOWN), leniency);
    }

    /**
     * Opens the weights, which must be of a format that holds encoders.
     *
     * @throws BadInput if the weights are GGUF
     */
    private ModelParts.OpenWeights open() throws IOException {
        ModelParts.OpenWeights files = parts.open();
        if (!(files.files().getFirst() instanceof GgufFile)) return files;
        files.close();
        throw BadInput.in(parts.weights(), "is a GGUF file, which holds no retrieval model's encoder that Retort knows",
                "import the model's safetensors or ONNX");
    }

    /** Returns the settings of the model, drawn from the files. */
    public ModelConfig config() {
        return parts.config();
    }

    /** Returns the file of the encoder's weights. */
    public Path weights() {
        return parts.weights();
    }

    /** Returns the {@code tokenizer.json}. */
    public Path tokenizer() {
        return parts.tokenizer();
    }

    /** Returns what a person should be told about how the files were understood, a sentence each. */
    public List<String> notes() {
        return parts.notes();
    }

    /**
     * Returns how the weights fit the model, without writing anything.
     *
     * @throws BadInput if they lie in another file than the one named, in part, and lack something
     */
    public WeightReport report() throws IOException {
        try (ModelParts.OpenWeights files = open()) {
            WeightReport report = files.find(parts.config()).report();
            // What lacks is then most likely in the other file, of which this one may be the wrong half.
            if (!report.isUsable() && !files.external().isEmpty()) {
                throw BadInput.in(parts.weights(), "does not fit the model, together with its external data in "
                        + String.join(", ", files.external()) + ": " + report.summary(),
                        "fetch both files again, or use the model's safetensors file");
            }
            return report;
        }
    }

    /**
     * Writes the model folder, if everything fits.
     *
     * @throws BadInput if weights or tokenizer do not fit; then nothing is written
     */
    public ModelFolder write(Path target, ObjectNode provenance) throws IOException {
        try (Tokenizer opened = parts.openTokenizer(); ModelParts.OpenWeights files = open()) {
            ModelFolder.requireFit(opened, parts.tokenizer(), parts.config());
            WeightImport mapped = files.find(parts.config());
            WeightReport report = mapped.report();
            if (!report.isUsable() || leniency == Leniency.STRICT && !report.isClean()) {
                String remedy = report.isUsable()
                        ? "import it leniently if these are not needed"
                        : "take the config.json that belongs to the weights";
                throw BadInput.in(parts.weights(), "does not fit the model: " + report.summary() + "\n", remedy);
            }
            ObjectNode told = provenance.deepCopy();
            parts.notes().forEach(note -> told.withArray(ModelParts.NOTES).add(note));
            return ModelFolder.write(target, parts.config(), parts.tokenizerJson(), mapped.weights(), told);
        }
    }
}
