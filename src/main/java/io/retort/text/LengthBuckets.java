package io.retort.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Plans batches so that padding costs little: sequences are sorted by length and share a batch with their like, padded
 * to one of few lengths (8, 16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, …), so that a model is prepared for few
 * shapes. Immutable.
 *
 * @param tokensPerBatch most tokens of a batch, padding included; a longer single sequence still gets a batch of its
 * own
 * @param longest most tokens of a sequence and of its padded length, as far as the model has positions
 */
public record LengthBuckets(int tokensPerBatch, int longest) {
    private static final int FINEST = 8;
    private static final int FINEST_UP_TO = 48;
    private static final int CUT = 8;
    private static final int BATCH_COST = 128;

    public LengthBuckets {
        if (tokensPerBatch < 1 || longest < 1) throw new IllegalArgumentException("batches without tokens");
    }

    /**
     * The padded length of a sequence: the step between lengths doubles at 48, 96, 192, …, so at most a third is
     * padding from 16 on.
     */
    public int paddedLength(int length) {
        if (length < 1 || length > longest) {
            throw new IllegalArgumentException("a sequence of " + length + " tokens; allowed are 1 to " + longest);
        }
        int step = FINEST;
        for (long bound = FINEST_UP_TO; length > bound; bound *= 2) step *= 2;
        return (int) Math.min(longest, ((long) length + step - 1) / step * step);
    }

    /**
     * The batches of these sequences, longest first, so that a model that runs out of memory does so at once. Equal
     * input gives equal batches.
     *
     * @param sequences ids of each text, none empty
     * @param padId fills rows up
     */
    public List<TokenBatch> plan(List<int[]> sequences, int padId) {
        int[] order = longestFirst(sequences);
        List<TokenBatch> batches = new ArrayList<>();
        int from = 0;
        while (from < order.length) {
            int time = paddedLength(sequences.get(order[from]).length);
            int to = Math.min(order.length, from + Math.max(1, tokensPerBatch / time));
            batches.add(batch(sequences, Arrays.copyOfRange(order, from, endOfBucket(sequences, order, from, to, time)),
                    time, padId));
            from += batches.getLast().batch();
        }
        return batches;
    }

    /**
     * Plans as few batches as pay, for work in which each batch costs something beside its tokens: in training every
     * batch touches all weights, so texts rather take some padding. Of all cuts at multiples of {@value #CUT} texts, it
     * takes the one with the least padded tokens, a batch counting for {@value #BATCH_COST} more.
     */
    public List<TokenBatch> planFew(List<int[]> sequences, int padId) {
        int[] order = longestFirst(sequences);
        int cuts = (order.length + CUT - 1) / CUT;
        long[] cost = new long[cuts + 1]; // the least cost of the texts before each cut
        int[] start = new int[cuts + 1]; // where the last batch before each cut starts
        for (int end = 1; end <= cuts; end++) {
            cost[end] = Long.MAX_VALUE;
            for (int from = end - 1; from >= 0; from--) {
                long tokens = (long) (Math.min(order.length, end * CUT) - from * CUT)
                        * paddedLength(sequences.get(order[from * CUT]).length);
                if (tokens > tokensPerBatch && from < end - 1) break;
                if (cost[from] + tokens + BATCH_COST <= cost[end]) {
                    cost[end] = cost[from] + tokens + BATCH_COST;
                    start[end] = from;
                }
            }
        }
        List<TokenBatch> batches = new ArrayList<>();
        for (int end = cuts; end > 0; end = start[end]) {
            int[] rows = Arrays.copyOfRange(order, start[end] * CUT, Math.min(order.length, end * CUT));
            batches.addFirst(batch(sequences, rows, paddedLength(sequences.get(rows[0]).length), padId));
        }
        return batches;
    }

    private static int[] longestFirst(List<int[]> sequences) {
        return IntStream.range(0, sequences.size()).boxed()
                .sorted((a, b) -> Integer.compare(sequences.get(b).length, sequences.get(a).length)).mapToInt(i -> i)
                .toArray();
    }

    private int endOfBucket(List<int[]> sequences, int[] order, int from, int to, int time) {
        int end = from;
        while (end < to && paddedLength(sequences.get(order[end]).length) == time) end++;
        return end;
    }

    private static TokenBatch batch(List<int[]> sequences, int[] rows, int time, int padId) {
        int[] ids = new int[Math.multiplyExact(rows.length, time)];
        int[] lengths = new int[rows.length];
        Arrays.fill(ids, padId);
        for (int row = 0; row < rows.length; row++) {
            int[] sequence = sequences.get(rows[row]);
            System.arraycopy(sequence, 0, ids, row * time, sequence.length);
            lengths[row] = sequence.length;
        }
        return new TokenBatch(ids, lengths, time, rows);
    }
}
