package io.retort.lm;

import io.retort.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the graph of a {@link TransformerDecoder} is fed for some rows. A row that nobody fills in sees nothing, which
 * makes it padding.
 */
final class DecoderInputs {
    private final DecoderConfig config;
    private final int keys;
    private final float[] embeddings;
    private final float[] laterPositions; // null where positions are added to the embeddings
    private final int sourceKeys;
    private final float[] sourceMask; // [rows, sourceKeys], null where there is no source
    private final int[] positions;
    private final List<Angles> angles = new ArrayList<>();
    private final Map<Integer, float[]> masks = new LinkedHashMap<>(); // by window

    /**
     * Makes inputs for this many rows, none of which sees anything yet.
     *
     * @param slots slots of the cache; 0 for none
     */
    DecoderInputs(DecoderConfig config, int rows, int slots) {
        this(config, rows, slots, 0);
    }

    /**
     * Makes inputs for this many rows of an encoder–decoder, none of which sees anything yet.
     *
     * @param slots      slots of the cache; 0 for none
     * @param sourceKeys slots of the sources, or rows of the sources that are read in the same run
     */
    DecoderInputs(DecoderConfig config, int rows, int slots, int sourceKeys) {
        this(config, turns(config), rows, slots, sourceKeys);
    }

    /**
     * Makes inputs for this many rows, none of which sees anything yet.
     *
     * @param turns      the model's {@link #turns}
     * @param slots      slots of the cache; 0 for none
     * @param sourceKeys slots of the sources; 0 for none
     */
    DecoderInputs(DecoderConfig config, List<Turns> turns, int rows, int slots, int sourceKeys) {
        this.config = config;
        this.keys = slots + rows;
        this.embeddings = new float[rows * config.dim()];
        this.positions = new int[rows];
        this.laterPositions = config.family().addsPositionsLast() ? new float[embeddings.length] : null;
        this.sourceKeys = sourceKeys;
        boolean reads = config.family().source().isPresent();
        this.sourceMask = reads ? new float[Math.multiplyExact(rows, sourceKeys)] : null;
        if (reads) Arrays.fill(sourceMask, TransformerDecoder.UNSEEN);
        for (int window : TransformerDecoder.windows(config)) {
            float[] mask = new float[Math.multiplyExact(rows, keys)];
            Arrays.fill(mask, TransformerDecoder.UNSEEN);
            masks.put(window, mask);
        }
        for (Turns each : turns) angles.add(new Angles(each, rows));
    }

    /** Returns the rotations of a model's positions, which a caller that decodes keeps from token to token. */
    static List<Turns> turns(DecoderConfig config) {
        return config.family().rotations(config).stream().map(Turns::new).toList();
    }

    /** A rotation with its frequencies, which are powers. */
    record Turns(Rotation rotation, float[] frequencies) {
        Turns(Rotation rotation) {
            this(rotation, new float[rotation.dims() / 2]);
            for (int j = 0; j < frequencies.length; j++) frequencies[j] = rotation.frequency(j);
        }
    }

    /** Cosines and sines of one of the family's rotations, {@code [rows, headDim]} each. */
    private final class Angles {
        private final Rotation rotation;
        private final float[] frequencies;
        private final float[] cosine;
        private final float[] sine;

        Angles(Turns turns, int rows) {
            this.rotation = turns.rotation();
            this.frequencies = turns.frequencies();
            this.cosine = new float[rows * config.headDim()];
            this.sine = new float[cosine.length];
        }

        void place(int row, int position) {
            int half = frequencies.length, at = row * config.headDim();
            for (int j = 0; j < half; j++) {
                float angle = position * frequencies[j];
                cosine[at + j] = cosine[at + half + j] = (float) Math.cos(angle) * rotation.amplitude();
                sine[at + j] = sine[at + half + j] = (float) Math.sin(angle) * rotation.amplitude();
            }
            Arrays.fill(cosine, at + 2 * half, at + config.headDim(), 1); // dimensions that are not turned
        }
    }

    /** Returns the array that the embedding of each row is written to, from {@code row * dim} on. */
    float[] embeddings() {
        return embeddings;
    }

    /** Returns the array that the learned position of each row is added to: often that of the embeddings. */
    float[] learnedPositions() {
        return laterPositions == null ? embeddings : laterPositions;
    }

    /** Lets a row see keys {@code [from, to)} of the sources. */
    void seeSource(int row, int from, int to) {
        Arrays.fill(sourceMask, row * sourceKeys + from, row * sourceKeys + to, 0);
    }

    /** Sets the position of a row in its text; this must precede {@link #see} for the row. */
    void place(int row, int position) {
        positions[row] = position;
        angles.forEach(each -> each.place(row, position));
    }

    /**
     * Lets a row see keys {@code [from, to)}, slots of the cache and then the rows of this run, as far as the windows of
     * layers reach.
     *
     * @param position of the first of these keys in the row's text; the others follow
     */
    void see(int row, int from, int to, int position) {
        masks.forEach((window, mask) -> {
            int hidden = window == 0 ? 0 : Math.max(0, positions[row] - window + 1 - position);
            if (from + hidden < to) Arrays.fill(mask, row * keys + from + hidden, row * keys + to, 0);
        });
    }

    Map<String, Tensor> tensors() {
        int rows = positions.length;
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put(TransformerDecoder.EMBEDDINGS, Tensor.of(embeddings, rows, config.dim()));
        masks.forEach((window, mask) -> inputs.put(TransformerDecoder.mask(window),
                Tensor.of(mask, 1, 1, rows, keys)));
        if (laterPositions != null) {
            inputs.put(TransformerDecoder.POSITIONS, Tensor.of(laterPositions, rows, config.dim()));
        }
        if (sourceMask != null) {
            inputs.put(TransformerDecoder.SOURCE_MASK, Tensor.of(sourceMask, 1, 1, rows, sourceKeys));
        }
        for (int i = 0; i < angles.size(); i++) {
            inputs.put(TransformerDecoder.cosine(i), Tensor.of(angles.get(i).cosine, rows, config.headDim()));
            inputs.put(TransformerDecoder.sine(i), Tensor.of(angles.get(i).sine, rows, config.headDim()));
        }
        return inputs;
    }
}
