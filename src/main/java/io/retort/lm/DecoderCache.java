package io.retort.lm;

import io.retort.files.BadInput;
import io.retort.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * The cache of a {@link CachedDecoder}: turns sequences into rows of the decoder's graph and keeps the keys and values
 * that it computes.
 */
final class DecoderCache implements KeyValueCache {
    /** The most rows of one run: enough to fill every core, few enough for the mask, which grows with their square. */
    private static final int MOST_ROWS = 512;

    private final CachedDecoder model;
    private final CacheSlots slots;

    DecoderCache(CachedDecoder model) {
        this.model = model;
        this.slots = new CacheSlots(model.config());
    }

    /** The tokens {@code [from, to)} of an array that are to follow a sequence in one run. */
    private record Part(CachedSequence sequence, int[] tokens, int from, int to) {
        int rows() {
            return to - from;
        }
    }

    @Override
    public Sequence begin() {
        return new CachedSequence(this, slots);
    }

    @Override
    public float[][] append(List<? extends Sequence> sequences, List<int[]> tokens) {
        List<CachedSequence> own = own(sequences, tokens);
        if (new HashSet<>(own).size() != own.size()) throw new IllegalArgumentException("a sequence stands here twice");
        List<Part> run = new ArrayList<>();
        int rows = 0;
        for (int i = 0; i < own.size(); i++) {
            for (int from = 0; from < tokens.get(i).length;) {
                int to = Math.min(tokens.get(i).length, from + MOST_ROWS - rows);
                run.add(new Part(own.get(i), tokens.get(i), from, to));
                rows += to - from;
                from = to;
                if (rows == MOST_ROWS) {
                    keep(run);
                    run.clear();
                    rows = 0;
                }
            }
        }
        if (rows > 0) keep(run);
        return own.isEmpty() ? new float[0][] : model.logits(own.stream().map(CachedSequence::hidden).toList());
    }

    /** Computes these parts in one run and keeps their keys, values and last hidden states. */
    private void keep(List<Part> parts) {
        Map<String, Tensor> outputs = compute(parts);
        List<Integer> places = new ArrayList<>();
        for (Part part : parts) for (int t = 0; t < part.rows(); t++) places.add(part.sequence.extend());
        for (int layer = 0; layer < model.config().layers(); layer++) {
            for (String what : new String[]{"key", "value"}) {
                float[] rows = outputs.get(TransformerDecoder.present(layer, what)).toFloats();
                for (int row = 0; row < places.size(); row++) slots.store(layer, what, rows, row, places.get(row));
            }
        }
        float[] hidden = outputs.get(TransformerDecoder.HIDDEN).toFloats();
        int row = 0;
        for (Part part : parts) {
            row += part.rows();
            part.sequence.hidden(hidden(hidden, row - 1));
        }
    }

    private float[] hidden(float[] all, int row) {
        int dim = model.config().dim();
        return Arrays.copyOfRange(all, row * dim, (row + 1) * dim);
    }

    @Override
    public float[][] score(List<? extends Sequence> sequences, List<int[]> tokens) {
        List<CachedSequence> own = own(sequences, tokens);
        for (CachedSequence sequence : own) {
            if (sequence.length() == 0) throw new IllegalArgumentException("a sequence without tokens says nothing");
        }
        float[][] scores = new float[own.size()][];
        int from = 0;
        while (from < scores.length) {
            int to = from, rows = 0;
            do {
                rows += tokens.get(to).length - 1;
                to++;
            } while (to < scores.length && rows + tokens.get(to).length - 1 <= MOST_ROWS);
            score(own.subList(from, to), tokens.subList(from, to), scores, from);
            from = to;
        }
        return scores;
    }

    /**
     * Scores some candidates in one run, which computes all of their tokens but the last, since nothing follows that
     * one.
     */
    private void score(List<CachedSequence> sequences, List<int[]> tokens, float[][] scores, int first) {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < sequences.size(); i++) {
            parts.add(new Part(sequences.get(i), tokens.get(i), 0, tokens.get(i).length - 1));
        }
        boolean any = parts.stream().anyMatch(part -> part.rows() > 0);
        float[] all = any ? compute(parts).get(TransformerDecoder.HIDDEN).toFloats() : new float[0];
        List<float[]> hidden = new ArrayList<>();
        List<Integer> targets = new ArrayList<>();
        int row = 0;
        for (Part part : parts) {
            hidden.add(part.sequence.hidden());
            for (int t = 0; t < part.rows(); t++) hidden.add(hidden(all, row++));
            for (int token : part.tokens) targets.add(token);
        }
        float[] values = model.logProbabilities(hidden, targets);
        int at = 0;
        for (int i = 0; i < tokens.size(); i++) {
            scores[first + i] = Arrays.copyOfRange(values, at, at + tokens.get(i).length);
            at += tokens.get(i).length;
        }
    }

    private Map<String, Tensor> compute(List<Part> parts) {
        int rows = CachedDecoder.bucket(parts.stream().mapToInt(Part::rows).sum());
        DecoderInputs inputs = new DecoderInputs(model.config(), rows, slots.slots());
        int row = 0;
        for (Part part : parts) {
            int first = slots.slots() + row;
            for (int t = part.from; t < part.to; t++, row++) {
                int position = part.sequence.length() + t - part.from;
                model.embed(part.tokens[t], position, inputs.embeddings(), row * model.config().dim());
                inputs.place(row, position);
                part.sequence.show(inputs, row);
                inputs.see(row, first, slots.slots() + row + 1, part.sequence.length());
            }
        }
        Map<String, Tensor> fed = inputs.tensors();
        fed.putAll(slots.tensors());
        return model.run(fed);
    }

    private List<CachedSequence> own(List<? extends Sequence> sequences, List<int[]> tokens) {
        if (sequences.size() != tokens.size()) {
            throw new IllegalArgumentException(sequences.size() + " sequences, tokens for " + tokens.size());
        }
        List<CachedSequence> own = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            if (!(sequences.get(i) instanceof CachedSequence sequence) || !sequence.isIn(this)) {
                throw new IllegalArgumentException("a sequence of another cache, or a closed one");
            }
            if (tokens.get(i).length == 0) throw new IllegalArgumentException("no tokens");
            int length = sequence.length() + tokens.get(i).length;
            if (length > model.contextLength()) {
                throw BadInput.of(length + " tokens are more than the model's context of " + model.contextLength(),
                        "shorten the prompt or ask for fewer tokens");
            }
            own.add(sequence);
        }
        return own;
    }

    @Override
    public void close() {
        slots.close();
    }

    /**
     * A sequence in a {@link DecoderCache}: the blocks that hold its tokens, in ascending order, each filled from its
     * start.
     */
    private static final class CachedSequence implements Sequence {
        private final DecoderCache cache;
        private final CacheSlots slots;
        private int[] blocks = new int[4];
        private int[] filled = new int[4];
        private int count;
        private int length;
        private float[] hidden;
        private boolean closed;

        CachedSequence(DecoderCache cache, CacheSlots slots) {
            this.cache = cache;
            this.slots = slots;
        }

        boolean isIn(DecoderCache other) {
            return cache == other && !closed;
        }

        @Override
        public int length() {
            return length;
        }

        /** The hidden state of the last token, {@code [dim]}, from which the head predicts the next one. */
        float[] hidden() {
            return hidden;
        }

        void hidden(float[] state) {
            hidden = state;
        }

        /**
         * Returns a slot for one more token. A block that a fork holds too is left as it is, and a new block is begun.
         */
        int extend() {
            int last = count - 1;
            if (last < 0 || filled[last] == CacheSlots.BLOCK || slots.isShared(blocks[last])) {
                if (count == blocks.length) {
                    blocks = Arrays.copyOf(blocks, 2 * count);
                    filled = Arrays.copyOf(filled, 2 * count);
                }
                blocks[count] = slots.take(last < 0 ? -1 : blocks[last]);
                filled[count] = 0;
                last = count++;
            }
            length++;
            return blocks[last] * CacheSlots.BLOCK + filled[last]++;
        }

        /** Lets a row of a run see all tokens of this sequence. */
        void show(DecoderInputs inputs, int row) {
            int position = 0;
            for (int i = 0; i < count; i++) {
                int from = blocks[i] * CacheSlots.BLOCK;
                inputs.see(row, from, from + filled[i], position);
                position += filled[i];
            }
        }

        @Override
        public Sequence fork() {
            if (closed) throw new IllegalStateException("the sequence is closed");
            CachedSequence fork = new CachedSequence(cache, slots);
            fork.blocks = blocks.clone();
            fork.filled = filled.clone();
            fork.count = count;
            fork.length = length;
            fork.hidden = hidden;
            for (int i = 0; i < count; i++) slots.hold(blocks[i]);
            return fork;
        }

        @Override
        public void close() {
            if (closed) return;
            closed = true;
            for (int i = 0; i < count; i++) slots.release(blocks[i]);
        }
    }
}
