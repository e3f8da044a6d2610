package io.retort.store.parlai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.store.ModelFolder;
import io.retort.tensor.PyTorchFile;
import io.retort.tensor.WeightReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Turns a model of ParlAI's, as its zoo stores it, into a model folder that is trained, indexed and answered from like
 * any other, after checking that everything fits. Nothing in the files is run.
 */
public final class ParlaiImport {
    private static final List<String> MODELS = List.of(ParlaiRanker.BI, ParlaiRanker.POLY);

    private final ParlaiFiles files;
    private final ParlaiTokenizer tokenizer;
    private final ParlaiRanker ranker;

    private ParlaiImport(ParlaiFiles files, ParlaiTokenizer tokenizer, ParlaiRanker ranker) {
        this.files = files;
        this.tokenizer = tokenizer;
        this.ranker = ranker;
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
        options.oneOf("model", "", MODELS);
        ParlaiDictionary dictionary = ParlaiDictionary.read(files.dictionary(), options);
        ParlaiTokenizer tokenizer = ParlaiTokenizer.read(files, options, dictionary);
        return new ParlaiImport(files, tokenizer, new ParlaiRanker(options, dictionary, tokenizer));
    }

    /** Returns the file of the weights. */
    public Path weights() {
        return files.model();
    }

    /** Returns what a person should be told about how the files were understood, a sentence each. */
    public List<String> notes() {
        return ranker.notes();
    }

    /** Returns how the weights fit the model, without writing anything. */
    public WeightReport report() throws IOException {
        try (PyTorchFile file = PyTorchFile.open(files.model())) {
            return ranker.map(file).report();
        }
    }

    /**
     * Writes the model folder, if everything fits.
     *
     * @param lenient whether tensors that the model does not ask for may be left out
     * @throws BadInput if the weights do not fit; then nothing is written
     */
    public ModelFolder write(Path target, ObjectNode provenance, boolean lenient) throws IOException {
        try (PyTorchFile file = PyTorchFile.open(files.model())) {
            ParlaiRanker.Mapped mapped = ranker.map(file);
            if (!mapped.report().isUsable() || !lenient && !mapped.report().isClean()) {
                throw BadInput.in(files.model(), "does not fit the model: " + mapped.report().summary() + "\n",
                        "take the options that belong to the model");
            }
            ObjectNode told = provenance.deepCopy().put("format", "parlai").put("weights_sha256",
                    Sha256.of(files.model())).put("dictionary_sha256", Sha256.of(files.dictionary()));
            notes().forEach(note -> told.withArray("notes").add(note));
            return ModelFolder.write(target, ranker.config(), tokenizer.json(), mapped.weights(), told);
        }
    }
}
