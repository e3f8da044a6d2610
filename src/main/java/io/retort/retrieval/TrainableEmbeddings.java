package io.retort.retrieval;

import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import io.retort.text.TokenBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The tables of {@link EmbeddingTable} in training: rows are gathered before a pass, and the pass's gradient of them is
 * added into the rows of the tables' gradients. One thread at a time.
 */
final class TrainableEmbeddings {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final long ALIGNMENT_BYTES = 64;

    private final int dim;
    private final int positionOffset;
    private final TrainableBuffer buffer;
    private final Table words;
    private final Table positions; // null if the family has none
    private final Table types; // null if the family has none
    /** Batches whose tokens have rows with gradients that are not zero. */
    private final List<TokenBatch> scattered = new ArrayList<>();

    /**
     * Copies the tables into buffers that an optimiser works on.
     *
     * @param weights that hold the tables under {@code prefix}; copied
     * @param arena that the buffers are allocated in
     */
    TrainableEmbeddings(EncoderConfig config, String prefix, Map<String, Tensor> weights, Arena arena) {
        this.dim = config.dim();
        this.positionOffset = config.positionOffset();
        ParameterLayout layout = ParameterLayout.of(ElementType.F32, EmbeddingTable.shapes(config, prefix));
        this.buffer = new TrainableBuffer(layout, arena.allocate(layout.bytes(), ALIGNMENT_BYTES),
                arena.allocate(layout.bytes(), ALIGNMENT_BYTES));
        for (ParameterLayout.Entry entry : layout.entries()) {
            layout.slice(buffer.values(), entry).copyFrom(weights.get(entry.name()).to(ElementType.F32).data());
        }
        EncoderFamily.Tables tables = config.family().tables();
        this.words = new Table(entry(prefix, tables.words()));
        this.positions = tables.positions().isEmpty() ? null : new Table(entry(prefix, tables.positions()));
        this.types = tables.types().isEmpty() ? null : new Table(entry(prefix, tables.types()));
    }

    private ParameterLayout.Entry entry(String prefix, String name) {
        return buffer.layout().entries().stream().filter(entry -> entry.name().equals(prefix + name)).findFirst()
                .orElseThrow();
    }

    TrainableBuffer buffer() {
        return buffer;
    }

    /** Looks up the embeddings of a batch, {@code [batch, time, dim]}, with zeros where a text has ended. */
    Tensor gather(TokenBatch batch) {
        float[] places = places(batch.time());
        float[] rows = new float[batch.ids().length * dim];
        for (int text = 0; text < batch.batch(); text++) {
            for (int t = 0; t < batch.lengths()[text]; t++) {
                int token = text * batch.time() + t;
                words.read(batch.ids()[token], rows, token * dim);
                add(places, t * dim, rows, token * dim);
            }
        }
        return Tensor.of(rows, batch.batch(), batch.time(), dim);
    }

    /** Returns the sum of position and type embedding for each place in a text, {@code [time, dim]}. */
    private float[] places(int time) {
        float[] type = new float[dim];
        if (types != null) types.read(0, type, 0);
        float[] places = new float[time * dim];
        for (int t = 0; t < time; t++) {
            if (positions != null) positions.read(t + positionOffset, places, t * dim);
            add(type, 0, places, t * dim);
        }
        return places;
    }

    /**
     * Adds the gradients of one pass to the gradients of the tables.
     *
     * @param gradient of what {@link #gather} gave for the batch, {@code [batch, time, dim]}
     */
    void scatter(TokenBatch batch, Tensor gradient) {
        scattered.add(batch);
        float[] rows = gradient.toFloats();
        float[] places = new float[batch.time() * dim];
        float[] sum = new float[dim];
        for (int text = 0; text < batch.batch(); text++) {
            for (int t = 0; t < batch.lengths()[text]; t++) {
                int token = text * batch.time() + t;
                words.addGradient(batch.ids()[token], rows, token * dim, sum);
                add(rows, token * dim, places, t * dim);
            }
        }
        float[] type = new float[dim];
        for (int t = 0; t < batch.time(); t++) {
            if (positions != null) positions.addGradient(t + positionOffset, places, t * dim, sum);
            add(places, t * dim, type, 0);
        }
        if (types != null) types.addGradient(0, type, 0, sum);
    }

    /** Sets the gradients to zero where they were added; those rows are few beside all of the table. */
    void clearGradients() {
        for (TokenBatch batch : scattered) {
            for (int text = 0; text < batch.batch(); text++) {
                int first = text * batch.time();
                for (int t = 0; t < batch.lengths()[text]; t++) words.clearGradient(batch.ids()[first + t]);
            }
            for (int t = 0; positions != null && t < batch.time(); t++) positions.clearGradient(t + positionOffset);
        }
        if (!scattered.isEmpty() && types != null) types.clearGradient(0);
        scattered.clear();
    }

    private void add(float[] from, int at, float[] to, int start) {
        for (int j = 0; j < dim; j++) to[start + j] += from[at + j];
    }

    /** The rows of one table within the buffers. */
    private final class Table {
        private final MemorySegment values;
        private final MemorySegment gradients;

        Table(ParameterLayout.Entry entry) {
            values = buffer.layout().slice(buffer.values(), entry);
            gradients = buffer.layout().slice(buffer.gradients(), entry);
        }

        void read(int row, float[] to, int start) {
            MemorySegment.copy(values, FLOAT, bytes(row), to, start, dim);
        }

        /** Adds {@code dim} values of {@code from}, from {@code start} on, to the gradient of a row. */
        void addGradient(int row, float[] from, int start, float[] sum) {
            MemorySegment.copy(gradients, FLOAT, bytes(row), sum, 0, dim);
            add(from, start, sum, 0);
            MemorySegment.copy(sum, 0, gradients, FLOAT, bytes(row), dim);
        }

        void clearGradient(int row) {
            gradients.asSlice(bytes(row), bytes(1)).fill((byte) 0);
        }

        private long bytes(int rows) {
            return (long) Float.BYTES * dim * rows;
        }
    }
}
