package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class LengthBucketsTest {
    private static final int PAD = -7;

    @Test
    void lengthsGrowInStepsThatDouble() {
        LengthBuckets buckets = new LengthBuckets(1024, 512);
        int[] lengths = IntStream.rangeClosed(1, 512).map(buckets::paddedLength).distinct().toArray();
        assertArrayEquals(new int[]{8, 16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512}, lengths);
        assertEquals(100, new LengthBuckets(1024, 100).paddedLength(97));
    }

    @Test
    void sequencesWithoutTokensOrTooLongAreRefused() {
        LengthBuckets buckets = new LengthBuckets(64, 32);
        assertThrows(IllegalArgumentException.class, () -> buckets.plan(List.of(new int[0]), PAD));
        assertThrows(IllegalArgumentException.class, () -> buckets.plan(List.of(new int[33]), PAD));
        assertEquals(List.of(), buckets.plan(List.of(), PAD));
    }

    @Property(tries = 200)
    void everySequenceIsInOneBatchWholeAndPadded(@ForAll("sequences") List<int[]> sequences) {
        boolean[] seen = new boolean[sequences.size()];
        for (TokenBatch batch : new LengthBuckets(256, 130).plan(sequences, PAD)) {
            assertTrue(batch.batch() == 1 || batch.batch() * batch.time() <= 256);
            float[] mask = batch.mask();
            for (int row = 0; row < batch.batch(); row++) {
                int[] sequence = sequences.get(batch.rows()[row]);
                int[] expected = Arrays.copyOf(sequence, batch.time());
                Arrays.fill(expected, sequence.length, batch.time(), PAD);
                int from = row * batch.time();
                assertArrayEquals(expected, Arrays.copyOfRange(batch.ids(), from, from + batch.time()));
                for (int t = 0; t < batch.time(); t++) {
                    assertEquals(t < sequence.length ? 1f : 0f, mask[from + t]);
                }
                assertTrue(!seen[batch.rows()[row]], "sequence planned twice");
                seen[batch.rows()[row]] = true;
            }
        }
        for (boolean once : seen) assertTrue(once, "sequence lost");
    }

    @Property(tries = 50)
    void scatteredVectorsStandInTheOrderOfTheInput(@ForAll("sequences") List<int[]> sequences) {
        float[] all = new float[2 * sequences.size()];
        for (TokenBatch batch : new LengthBuckets(128, 130).plan(sequences, PAD)) {
            float[] vectors = new float[2 * batch.batch()];
            for (int row = 0; row < batch.batch(); row++) {
                vectors[2 * row] = batch.ids()[row * batch.time()];
                vectors[2 * row + 1] = batch.lengths()[row];
            }
            batch.scatter(vectors, 2, all);
        }
        for (int i = 0; i < sequences.size(); i++) {
            assertEquals(sequences.get(i)[0], all[2 * i]);
            assertEquals(sequences.get(i).length, all[2 * i + 1]);
        }
    }

    @Provide
    Arbitrary<List<int[]>> sequences() {
        return Arbitraries.integers().between(0, 99).array(int[].class).ofMinSize(1).ofMaxSize(130).list()
                .ofMaxSize(30);
    }

    @Test
    void fewBatchesHoldEveryTextOnceAndPadLessThanOneWould() {
        Random random = new Random(3);
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < 203; i++) texts.add(new int[1 + random.nextInt(i % 3 == 0 ? 128 : 24)]);
        var batches = new LengthBuckets(4096, 512).planFew(texts, 0);
        int[] seen = batches.stream().flatMapToInt(batch -> Arrays.stream(batch.rows())).sorted().toArray();
        assertArrayEquals(IntStream.range(0, 203).toArray(), seen);
        int padded = batches.stream().mapToInt(batch -> batch.ids().length).sum();
        int tokens = texts.stream().mapToInt(ids -> ids.length).sum();
        assertTrue(batches.size() < new LengthBuckets(4096, 512).plan(texts, 0).size() && padded < 1.4 * tokens,
                batches.size() + " batches, " + padded + " for " + tokens);
        for (var batch : batches) assertTrue(batch.ids().length <= 4096);
    }

    @Test
    void likeTextsStayInOneBatch() {
        List<int[]> texts = Collections.nCopies(32, new int[64]);
        assertEquals(1,
                new LengthBuckets(Integer.MAX_VALUE, 64).planFew(texts, 0).size());
    }
}
