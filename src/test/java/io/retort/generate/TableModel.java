package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.lm.KeyValueCache;
import io.retort.lm.LanguageModel;
import io.retort.lm.Sequence;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;

/**
 * A language model that is a formula: logits are a hash of the last two tokens and the next, as in
 * bench/peers/generation_golden.py. It holds its callers to the contract, and counts.
 */
public final class TableModel implements LanguageModel {
    private final int vocabulary;
    private final int contextLength;
    private final Function<IntArrayList, float[]> table;
    /** Tokens computed by append. */
    int appended;
    /** Rows of the largest batch of append, and their sum over all calls. */
    int mostRows;
    int rows;
    int appends;
    /** Tokens scored. */
    int scored;
    /** Sequences that are neither closed nor freed with their cache. */
    int open;

    TableModel(int vocabulary, int contextLength) {
        this.vocabulary = vocabulary;
        this.contextLength = contextLength;
        this.table = this::lastTwo;
    }

    /**
     * @param table logits of the next token by those before it; not of the formula
     */
    public TableModel(int vocabulary, int contextLength, Function<IntArrayList, float[]> table) {
        this.vocabulary = vocabulary;
        this.contextLength = contextLength;
        this.table = table;
    }

    static float logit(int before, int last, int token) {
        int x = before * 1_000_003 ^ last * 10_007 ^ token * 101;
        for (int i = 0; i < 2; i++) x = (x ^ x >>> 16) * 0x45d9f3b;
        x ^= x >>> 16;
        return (float) ((x >>> 8) * 8 / 0x1p24 - 4);
    }

    float[] logits(int before, int last) {
        float[] logits = new float[vocabulary];
        for (int token = 0; token < vocabulary; token++) logits[token] = logit(before, last, token);
        return logits;
    }

    private float[] lastTwo(IntArrayList tokens) {
        int n = tokens.size();
        return logits(n < 2 ? 0 : tokens.getInt(n - 2), tokens.getInt(n - 1));
    }

    /** Log-probability of a continuation, token by token, in double precision. */
    double[] logProbabilities(int[] context, int[] continuation) {
        IntArrayList tokens = new IntArrayList(context);
        double[] logs = new double[continuation.length];
        for (int i = 0; i < logs.length; i++) {
            float[] logits = table.apply(tokens);
            double sum = 0;
            for (float logit : logits) sum += Math.exp(logit);
            logs[i] = logits[continuation[i]] - Math.log(sum);
            tokens.add(continuation[i]);
        }
        return logs;
    }

    @Override
    public int vocabularySize() {
        return vocabulary;
    }

    @Override
    public int contextLength() {
        return contextLength;
    }

    @Override
    public KeyValueCache cache() {
        return new TableCache();
    }

    @Override
    public void close() {
    }

    private final class TableCache implements KeyValueCache {
        private final Thread owner = Thread.currentThread();
        private int mine;
        private boolean closed;

        @Override
        public Sequence begin() {
            return new TableSequence(this, new IntArrayList());
        }

        private TableSequence own(Sequence sequence) {
            TableSequence own = (TableSequence) sequence;
            assertSame(this, own.cache, "a sequence of another cache");
            assertFalse(own.closed, "a closed sequence");
            assertFalse(closed, "a closed cache");
            assertSame(owner, Thread.currentThread());
            return own;
        }

        private void grow(IntArrayList tokens, int[] more) {
            assertTrue(more.length > 0, "no tokens");
            for (int token : more) assertTrue(0 <= token && token < vocabulary, "token " + token);
            tokens.addElements(tokens.size(), more);
            if (tokens.size() > contextLength) throw BadInput.of("too long", "");
        }

        @Override
        public float[][] append(List<? extends Sequence> sequences, List<int[]> tokens) {
            assertEquals(sequences.size(), tokens.size());
            assertEquals(sequences.size(), new HashSet<>(sequences).size(), "a sequence twice");
            mostRows = Math.max(mostRows, sequences.size());
            rows += sequences.size();
            appends++;
            float[][] logits = new float[sequences.size()][];
            for (int i = 0; i < logits.length; i++) {
                TableSequence sequence = own(sequences.get(i));
                grow(sequence.tokens, tokens.get(i));
                appended += tokens.get(i).length;
                logits[i] = table.apply(sequence.tokens);
            }
            return logits;
        }

        @Override
        public float[][] score(List<? extends Sequence> sequences, List<int[]> tokens) {
            assertEquals(sequences.size(), tokens.size());
            float[][] scores = new float[sequences.size()][];
            for (int i = 0; i < scores.length; i++) {
                IntArrayList context = own(sequences.get(i)).tokens;
                assertFalse(context.isEmpty(), "a sequence without tokens");
                grow(context.clone(), tokens.get(i));
                scored += tokens.get(i).length;
                double[] logs = logProbabilities(context.toIntArray(), tokens.get(i));
                scores[i] = new float[logs.length];
                for (int t = 0; t < logs.length; t++) scores[i][t] = (float) logs[t];
            }
            return scores;
        }

        @Override
        public void close() {
            closed = true;
            open -= mine;
            mine = 0;
        }
    }

    private final class TableSequence implements Sequence {
        private final TableCache cache;
        private final IntArrayList tokens;
        private boolean closed;

        TableSequence(TableCache cache, IntArrayList tokens) {
            this.cache = cache;
            this.tokens = tokens;
            cache.mine++;
            open++;
        }

        @Override
        public int length() {
            return tokens.size();
        }

        @Override
        public Sequence fork() {
            return new TableSequence(cache, cache.own(this).tokens.clone());
        }

        @Override
        public void close() {
            if (closed) return;
            closed = true;
            open--;
            cache.mine--;
        }
    }
}
