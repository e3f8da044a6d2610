package io.retort.store.parlai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What a kind of ParlAI's models becomes. */
interface ParlaiModel {
    /** Returns what a person should be told of how the files were understood. */
    List<String> notes();

    /**
     * Finds the model's parameters in its file.
     *
     * @throws io.retort.files.BadInput if the embeddings are of another vocabulary
     */
    ParlaiWeights.Mapped map(TensorFile file);

    /** Writes the model, whole or not at all. */
    ParlaiImport.Written write(Path target, ParlaiWeights.Mapped mapped, ObjectNode provenance) throws IOException;
}
