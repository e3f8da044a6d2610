package io.retort.lm;

import io.retort.files.BadInput;
import io.retort.graph.CloseOnFailure;
import io.retort.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
    /** The outputs that become keys and values of the past, by the names that they have then. */
    private final Map<String, String> presentOf = new LinkedHashMap<>();
    private final CacheSlots slots;
    private final CacheSlots sources; // null where there is no source

    DecoderCache(CachedDecoder model) {
        this.model = model;
        DecoderConfig config = model.config();
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String what : List.of("key", "value")) {
                presentOf.put(TransformerDecoder.past(layer, what), TransformerDecoder.present(layer, what));
            }
        }
        try (CloseOnFailure made = new CloseOnFailure()) {
            this.slots = made.with(new CacheSlots(List.copyOf(presentOf.keySet()), config.keyValueDim()),
                    CacheSlots::close);
            this.sources = config.family().source().isEmpty()
                    ? null
                    : new CacheSlots(SourceGraph.names(config), config.keyValueDim());
            made.finish();
        }
    }

    /** The tokens {@code [from, to)} of an array that are to follow a sequence in one run. */
    private record Part(CachedSequence sequence, int[] tokens, int from, int to) {
        int rows() {
            return to - from;
        }
    }

    @Override
    public Sequence begin() {
        return new CachedSequence(this);
    }

    /** Lets the encoder read the prompts, of a model that has one, and the decoder the token that it starts with. */
    @Override
    public float[][] read(List<? extends Sequence> sequences, List<int[]> prompts) {
        if (sources == null) return append(sequences, prompts);
        List<CachedSequence> own = own(sequences, prompts);
        for (CachedSequence sequence : own) {
            if (sequence.source != null)
                throw new IllegalArgumentException("a sequence that has read a prompt already");
        }
        for (int from = 0, to; from < own.size(); from = to) {
            int rows = 0;
            to = from;
            do {
                rows += prompts.get(to++).length;
            } while (to < own.size() && rows + prompts.get(to).length <= MOST_ROWS);
            readSources(own.subList(from, to), prompts.subList(from, to), rows);
        }
        int[] start = {model.frame().orElseThrow().start()};
        return append(sequences, Collections.nCopies(own.size(), start));
    }

    private void readSources(List<CachedSequence> sequences, List<int[]> prompts, int rows) {
        SourceInputs inputs = new SourceInputs(model.config(), prompts, CachedDecoder.bucket(rows));
        for (int row = 0; row < rows; row++) {
            model.embedSource(inputs.token(row), inputs.position(row), inputs.embeddings(), row * model.config().dim());
        }
        Map<String, Tensor> outputs = model.runSource(inputs.tensors());
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            CacheSlots.Run source = new CacheSlots.Run(sources);
            for (int t = 0; t < prompts.get(i).length; t++) places.add(source.extend());
            sequences.get(i).source = source;
        }
        for (String name : SourceGraph.names(model.config())) sources.store(name, outputs.get(name), places);
    }

    @Override
    public float[][] append(List<? extends Sequence> sequences, List<int[]> tokens) {
        List<CachedSequence> own = own(sequences, tokens);
        for (CachedSequence sequence : own) {
            if (sources != null && sequence.source == null)
                throw new IllegalArgumentException("a sequence without a prompt");
        }
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
        for (Part part : parts) for (int t = 0; t < part.rows(); t++) places.add(part.sequence.written.extend());
        presentOf.forEach((past, present) -> slots.store(past, outputs.get(present), places));
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
        DecoderInputs inputs = new DecoderInputs(model.config(), model.turns(), rows,
                slots.slots(), sources == null ? 0 : sources.slots());
        int row = 0;
        for (Part part : parts) {
            int firstNew = slots.slots() + row;
            for (int t = part.from; t < part.to; t++, row++) {
                int position = part.sequence.length() + t - part.from;
                model.embed(part.tokens[t], position, inputs, row);
                inputs.place(row, position);
                int seen = row;
                part.sequence.written.forEach((from, to, first) -> inputs.see(seen, from, to, first));
                if (sources != null) part.sequence.source.forEach((from, to, _) -> inputs.seeSource(seen, from, to));
                inputs.see(row, firstNew, slots.slots() + row + 1, part.sequence.length());
            }
        }
        Map<String, Tensor> fed = inputs.tensors();
        fed.putAll(slots.tensors());
        if (sources != null) fed.putAll(sources.tensors());
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
        if (sources != null) sources.close();
    }

    /** A sequence in a {@link DecoderCache}: where its own tokens lie, and those of the source that it answers. */
    private static final class CachedSequence implements Sequence {
        private final DecoderCache cache;
        private final CacheSlots.Run written;
        private CacheSlots.Run source; // null before it has read a prompt, and of a model that has no source
        private float[] hidden;
        private boolean closed;

        CachedSequence(DecoderCache cache) {
            this(cache, new CacheSlots.Run(cache.slots));
        }

        private CachedSequence(DecoderCache cache, CacheSlots.Run written) {
            this.cache = cache;
            this.written = written;
        }

        boolean isIn(DecoderCache other) {
            return cache == other && !closed;
        }

        @Override
        public int length() {
            return written.length();
        }

        /** The hidden state of the last token, {@code [dim]}, from which the head predicts the next one. */
        float[] hidden() {
            return hidden;
        }

        void hidden(float[] state) {
            hidden = state;
        }

        @Override
        public Sequence fork() {
            if (closed) throw new IllegalStateException("the sequence is closed");
            CachedSequence fork = new CachedSequence(cache, written.fork());
            if (source != null) fork.source = source.fork();
            fork.hidden = hidden;
            return fork;
        }

        @Override
        public void close() {
            if (closed) return;
            closed = true;
            written.release();
            if (source != null) source.release();
        }
    }
}
