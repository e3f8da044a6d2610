package io.retort.store.parlai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.tensor.PyTorchFile;
import io.retort.tensor.WeightReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Turns a model of ParlAI's, as its zoo stores it, into a folder, after checking that everything fits: bi-encoders and
 * poly-encoders into model folders, which are trained, indexed and answered from like any other; generators into the
 * form that Blender has on the Hugging Face Hub. Nothing in the files is run.
 */
public final class ParlaiImport {
    private static final List<String> MODELS = List.of(ParlaiRanker.BI, ParlaiRanker.POLY,
            ParlaiGenerator.MODEL);

    private final ParlaiFiles files;
    private final ParlaiModel model;

    private ParlaiImport(ParlaiFiles files, ParlaiModel model) {
        this.files = files;
        this.model = model;
    }

    /**
     * What an import wrote.
     *
     * @param fingerprint of the student; empty for a generator
     */
    public record Written(Path folder, String fingerprint) {
    }

    /** Returns whether a path is a model of ParlAI's, or a folder with one. */
    public static boolean is(Path path) throws IOException {
        return ParlaiFiles.is(path);
    }

    /**
     * Prepares an import.
     *
     * @param path the model's file, beside which its others lie, or their folder
     * @throws BadInput if a file is missing or damaged, or asks for something that Retort does not do
     */
    public static ParlaiImport of(Path path) throws IOException {
        ParlaiFiles files = ParlaiFiles.of(path);
        ParlaiOptions options = ParlaiOptions.read(files.options());
        boolean generator = options.oneOf("model", "", MODELS).equals(ParlaiGenerator.MODEL);
        options.requireOrdinaryText(generator);
        ParlaiDictionary dictionary = ParlaiDictionary.read(files.dictionary(), options);
        ParlaiTokenizer tokenizer = ParlaiTokenizer.read(files, options, dictionary);
        return new ParlaiImport(files, generator
                ? new ParlaiGenerator(options, dictionary, tokenizer)
                : new ParlaiRanker(options, dictionary, tokenizer));
    }

    /** Returns the file of the weights. */
    public Path weights() {
        return files.model();
    }

    /** Returns what a person should be told about how the files were understood, a sentence each. */
    public List<String> notes() {
        return model.notes();
    }

    /** Returns how the weights fit the model, without writing anything. */
    public WeightReport report() throws IOException {
        try (PyTorchFile file = PyTorchFile.open(files.model())) {
            return model.map(file).report();
        }
    }

    /**
     * Writes the folder, if everything fits.
     *
     * @param lenient whether tensors that the model does not ask for may be left out
     * @throws BadInput if the weights do not fit; then nothing is written
     */
    public Written write(Path target, ObjectNode provenance, boolean lenient) throws IOException {
        try (PyTorchFile file = PyTorchFile.open(files.model())) {
            ParlaiWeights.Mapped mapped = model.map(file);
            if (!mapped.report().isUsable() || !lenient && !mapped.report().isClean()) {
                throw BadInput.in(files.model(), "does not fit the model: " + mapped.report().summary() + "\n",
                        "take the options that belong to the model");
            }
            ObjectNode told = provenance.deepCopy().put("format", "parlai").put("weights_sha256",
                    Sha256.of(files.model())).put("dictionary_sha256", Sha256.of(files.dictionary()));
            notes().forEach(note -> told.withArray("notes").add(note));
            return model.write(target, mapped, told);
        }
    }
}
