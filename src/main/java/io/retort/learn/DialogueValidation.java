package io.retort.learn;

import io.retort.lm.KeyValueCache;
import io.retort.lm.LanguageModel;
import io.retort.lm.Sequence;
import io.retort.lm.TrainingText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * How well a generator foretells what people said in some dialogues: nats a token, over the same tokens that training
 * counts. Immutable.
 */
record DialogueValidation(List<TrainingText> texts) {
    /** The most tokens that are scored in one batch, for the sake of memory. */
    private static final int BATCH_TOKENS = 2048;

    boolean isEmpty() {
        return texts.isEmpty();
    }

    /**
     * Measures {@code nats_per_token}, which is the mean of −log P, and {@code perplexity}, which is its exponential.
     */
    SequencedMap<String, Double> measure(LanguageModel model) {
        double nats = 0;
        long targets = 0;
        for (int from = 0; from < texts.size();) {
            int to = from;
            for (int tokens = 0; to < texts.size() && tokens < BATCH_TOKENS; to++) tokens += texts.get(to).size();
            List<TrainingText> batch = texts.subList(from, to);
            nats += nats(model, batch);
            targets += batch.stream().mapToInt(TrainingText::count).sum();
            from = to;
        }
        SequencedMap<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("nats_per_token", nats / targets);
        metrics.put("perplexity", Math.exp(nats / targets));
        return metrics;
    }

    private static double nats(LanguageModel model, List<TrainingText> batch) {
        try (KeyValueCache cache = model.cache()) {
            List<Sequence> sequences = new ArrayList<>();
            List<int[]> first = new ArrayList<>(), rest = new ArrayList<>();
            for (TrainingText text : batch) {
                sequences.add(cache.begin());
                first.add(text.source().length > 0 ? text.source() : new int[]{text.tokens()[0]});
                rest.add(Arrays.copyOfRange(text.tokens(), 1, text.tokens().length));
            }
            cache.read(sequences, first);
            float[][] logs = cache.score(sequences, rest);
            double nats = 0;
            for (int i = 0; i < logs.length; i++) {
                boolean[] targets = batch.get(i).targets();
                for (int t = 1; t < targets.length; t++) if (targets[t]) nats -= logs[i][t - 1];
            }
            return nats;
        }
    }
}
