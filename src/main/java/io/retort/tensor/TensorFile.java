package io.retort.tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SequencedMap;

/**
 * Named tensors in a file, memory-mapped: opening reads the table of contents alone. Any thread may read; closing ends the life of
 * every tensor that was read.
 */
public interface TensorFile extends AutoCloseable {
    /** Opens a file by what its first bytes say it is, not by its name. @throws io.retort.files.BadInput if none of the formats fits, or the file is damaged */
    static TensorFile open(Path path) throws IOException {
        throw new UnsupportedOperationException("replaced by the tensor room");
    }

    /** The file itself. */
    Path path();

    /** Table of contents in the file's own order. */
    SequencedMap<String, TensorInfo> tensors();

    /** The tensor of that name, over the mapped bytes. @throws io.retort.files.BadInput if the file has none of that name */
    Tensor read(String name);

    @Override
    void close();
}
