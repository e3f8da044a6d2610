package io.retort.lm;

import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Rows of a table in a {@link TrainableBuffer}: looked up outside of graphs, and their gradients added up there. */
final class TrainableTable {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    private final MemorySegment values;
    private final MemorySegment gradients;
    private final int rows;
    private final int dim;

    TrainableTable(TrainableBuffer buffer, String name) {
        ParameterLayout.Entry entry = buffer.layout().entries().stream().filter(each -> each.name().equals(name))
                .findFirst().orElseThrow();
        this.values = buffer.layout().slice(buffer.values(), entry);
        this.gradients = buffer.layout().slice(buffer.gradients(), entry);
        this.rows = entry.shape().dim(0);
        this.dim = entry.shape().dim(1);
    }

    /**
     * A table that is only looked up.
     *
     * @param values {@code [rows, dim]}
     */
    TrainableTable(Tensor values) {
        this.values = MemorySegment.ofArray(values.toFloats());
        this.gradients = null;
        this.rows = values.shape().dim(0);
        this.dim = values.shape().dim(1);
    }

    /** Adds a row to {@code to} from {@code at} on. */
    void addTo(int row, float[] to, int at) {
        long from = offset(row);
        for (int j = 0; j < dim; j++) to[at + j] += values.get(FLOAT, from + 4L * j);
    }

    /** Adds the gradient {@code from[at ...]} to a row's. */
    void addGradient(int row, float[] from, int at) {
        long to = offset(row);
        for (int j = 0; j < dim; j++) {
            gradients.set(FLOAT, to + 4L * j, gradients.get(FLOAT, to + 4L * j) + from[at + j]);
        }
    }

    private long offset(int row) {
        return 4L * dim * Objects.checkIndex(row, rows);
    }
}
