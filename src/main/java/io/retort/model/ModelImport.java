package io.retort.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.tensor.GgufFile;
import io.retort.tensor.TensorFile;
import io.retort.text.HuggingFaceTokenizer;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Turns weights of another program into a model folder, after checking that everything fits.
 *
 * @param weights safetensors or ONNX
 * @param tokenizer a {@code tokenizer.json}
 */
public record ModelImport(ModelConfig config, Path weights, Path tokenizer, Leniency leniency) {

    /** What an import lets pass. */
    public enum Leniency {
        /** Nothing: every tensor of the file must have its place. */
        STRICT,
        /** Tensors that the model does not ask for. */
        UNEXPECTED
    }

    /**
     * Settings of a foreign model folder.
     *
     * @throws BadInput if they cannot be read
     */
    public static ModelConfig configOf(Path folder) throws IOException {
        return ModelConfigJson.read(folder.resolve(ModelFolder.CONFIG));
    }

    /** How the weights fit the model, without writing anything. */
    public WeightReport report() throws IOException {
        try (TensorFile file = openWeights()) {
            return WeightImport.of(config, file).report();
        }
    }

    /**
     * Writes the model folder.
     *
     * @throws BadInput if weights or tokenizer do not fit; then nothing is written
     */
    public ModelFolder write(Path target, ObjectNode provenance) throws IOException {
        byte[] json = Files.readAllBytes(tokenizer);
        try (Tokenizer opened = HuggingFaceTokenizer.parse(tokenizer, json);
                TensorFile file = openWeights()) {
            ModelFolder.requireFit(opened, tokenizer, config);
            WeightImport mapped = WeightImport.of(config, file);
            WeightReport report = mapped.report();
            if (!report.isUsable() || leniency == Leniency.STRICT && !report.isClean()) {
                String remedy = report.isUsable()
                        ? "import with --allow-unexpected if these are not needed"
                        : "take the config.json that belongs to the weights";
                throw BadInput.in(weights, "does not fit the model: " + String.join("\n", report.lines()) + "\n",
                        remedy);
            }
            return ModelFolder.write(target, config, json, mapped.weights(), provenance);
        }
    }

    private TensorFile openWeights() throws IOException {
        TensorFile file = TensorFile.open(weights);
        if (!(file instanceof GgufFile)) return file;
        file.close();
        throw BadInput.in(weights, "is a GGUF file, which holds no retrieval model's encoder that Retort knows",
                "import the model's safetensors or ONNX");
    }
}
