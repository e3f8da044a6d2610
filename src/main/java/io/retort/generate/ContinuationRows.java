package io.retort.generate;

import io.retort.lm.KeyValueCache;
import io.retort.lm.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Continuations of sequences, to be scored in batches of their like: rows of one length need no padding. */
final class ContinuationRows {
    private final List<Sequence> sequences = new ArrayList<>();
    private final List<int[]> continuations = new ArrayList<>();

    void add(Sequence sequence, int[] continuation) {
        sequences.add(sequence);
        continuations.add(continuation);
    }

    /** Log-probabilities of all tokens, in the order in which the rows were added, {@code [rows][tokens]}. */
    List<float[]> score(KeyValueCache cache, int batchTokens) {
        int[] order = IntStream.range(0, continuations.size()).boxed()
                .sorted(Comparator.comparingInt(row -> -continuations.get(row).length)).mapToInt(row -> row).toArray();
        float[][] scores = new float[order.length][];
        for (int from = 0, to; from < order.length; from = to) {
            to = Math.min(order.length, from + Math.max(1, batchTokens / continuations.get(order[from]).length));
            int[] rows = Arrays.copyOfRange(order, from, to);
            float[][] part = cache.score(IntStream.of(rows).mapToObj(sequences::get).toList(),
                    IntStream.of(rows).mapToObj(continuations::get).toList());
            for (int i = 0; i < rows.length; i++) scores[rows[i]] = part[i];
        }
        return List.of(scores);
    }
}
