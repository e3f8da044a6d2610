package io.retort.lm;

import io.retort.files.BadInput;
import io.retort.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What the graph of an encoder ({@link SourceGraph}) is fed for some sources, one after the other without padding. */
final class SourceInputs {
    private final int dim;
    private final int rows;
    private final int[] tokens;
    private final int[] positions;
    private final int[] starts; // row of the first token of each source, and the row after the last
    private final float[] embeddings;
    private final float[] mask;

    /**
     * Makes inputs whose embeddings are yet to be written.
     *
     * @param rows as many as there are tokens, or more, which see nothing
     * @throws BadInput if a source is longer than the model's context
     */
    SourceInputs(DecoderConfig config, List<int[]> sources, int rows) {
        this.dim = config.dim();
        this.rows = rows;
        this.tokens = new int[count(sources)];
        this.positions = new int[tokens.length];
        this.starts = new int[sources.size() + 1];
        this.embeddings = new float[rows * dim];
        this.mask = new float[Math.multiplyExact(rows, rows)];
        Arrays.fill(mask, TransformerDecoder.UNSEEN);
        for (int i = 0; i < sources.size(); i++) {
            int[] source = sources.get(i);
            if (source.length > config.positions()) {
                throw BadInput.of("a source of " + source.length + " tokens is longer than the model's context of "
                        + config.positions(), "shorten it");
            }
            int from = starts[i], to = from + source.length;
            starts[i + 1] = to;
            System.arraycopy(source, 0, tokens, from, source.length);
            for (int row = from; row < to; row++) {
                positions[row] = row - from;
                Arrays.fill(mask, row * rows + from, row * rows + to, 0);
            }
        }
    }

    /** Returns how many tokens sources have together. */
    static int count(List<int[]> sources) {
        return sources.stream().mapToInt(source -> source.length).sum();
    }

    int count() {
        return tokens.length;
    }

    int token(int row) {
        return tokens[row];
    }

    /** Returns the place of a row's token in its source, from 0. */
    int position(int row) {
        return positions[row];
    }

    /** Returns the row of the first token of a source; that of one more than there are is the row after the last. */
    int start(int source) {
        return starts[source];
    }

    /** Returns the array that the embedding of each row is to be written to, from {@code row * dim} on. */
    float[] embeddings() {
        return embeddings;
    }

    Map<String, Tensor> tensors() {
        return Map.of(SourceGraph.EMBEDDINGS, Tensor.of(embeddings, rows, dim), SourceGraph.MASK,
                Tensor.of(mask, 1, 1, rows, rows));
    }
}
