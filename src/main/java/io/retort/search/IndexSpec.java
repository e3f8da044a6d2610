package io.retort.search;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.simd.RowFormat;
import java.util.Objects;

/**
 * What decides the vectors of an index, but for the replies themselves.
 *
 * @param model    fingerprint of the model that makes the vectors
 * @param dims     of a vector, 1 to {@value #MAX_DIMS}
 * @param rows     how vectors are stored
 * @param metadata for readers of the file: the model's name, where the replies come from, counts. An interrupted
 *                 writer resumes only where it is the same again, so the time has no place in it
 */
public record IndexSpec(ModelFingerprint model, Metric metric, int dims, RowFormat rows, ObjectNode metadata) {
    static final int MAX_DIMS = 65536;

    /**
     * @throws BadInput if dims are out of range
     */
    public IndexSpec {
        Objects.requireNonNull(model);
        Objects.requireNonNull(metric);
        Objects.requireNonNull(rows);
        metadata = metadata.deepCopy();
        if (dims < 1 || dims > MAX_DIMS) throw BadInput.of("vectors of " + dims + " dims", "use 1 to " + MAX_DIMS);
    }

    /** Decides the vectors of an index that stores them as float32. */
    public IndexSpec(ModelFingerprint model, Metric metric, int dims, ObjectNode metadata) {
        this(model, metric, dims, RowFormat.F32, metadata);
    }

    /** A copy that stores vectors in another form. */
    public IndexSpec withRows(RowFormat rows) {
        return new IndexSpec(model, metric, dims, rows, metadata);
    }

    @Override
    public ObjectNode metadata() {
        return metadata.deepCopy();
    }
}
