package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TopKTest {
    record Entry(int id, float score) {
    }

    private static final Comparator<Entry> BEST_FIRST = Comparator.comparingDouble((Entry e) -> -e.score())
            .thenComparingInt(Entry::id);

    @Property(tries = 200)
    void keepsWhatSortingKeepsHoweverTheStreamIsSplit(@ForAll @IntRange(min = 1, max = 400) int n,
            @ForAll @IntRange(min = 1, max = 450) int k, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] scores = new float[n];
        int distinct = 1 + random.nextInt(n); // few distinct scores: many ties
        for (int i = 0; i < n; i++) scores[i] = random.nextInt(distinct) - distinct / 2;
        List<Entry> expected = new ArrayList<>();
        for (int i = 0; i < n; i++) expected.add(new Entry(i, scores[i]));
        expected.sort(BEST_FIRST);
        expected = expected.subList(0, Math.min(n, k));

        for (Kernels kernels : List.of(new ScalarKernels(), new VectorKernels())) {
            TopK whole = new TopK(k);
            whole.offerAll(kernels, scores, n, 0);
            assertEquals(expected, drained(whole));

            int cut = random.nextInt(n + 1);
            TopK left = new TopK(k), right = new TopK(k);
            left.offerAll(kernels, scores, cut, 0);
            for (int i = n - 1; i >= cut; i--) right.offer(i, scores[i]);
            right.merge(left);
            assertEquals(expected, drained(right));
        }
    }

    @Test
    void aScoreThatIsNaNIsNeverKept() {
        TopK top = new TopK(3);
        top.offer(0, Float.NaN);
        top.offerAll(new VectorKernels(), new float[]{Float.NaN, Float.NEGATIVE_INFINITY, Float.NaN, 1}, 4, 1);
        assertEquals(List.of(new Entry(4, 1), new Entry(2, Float.NEGATIVE_INFINITY)), drained(top));
    }

    @Test
    void zerosOfBothSignsAreEqual() {
        TopK top = new TopK(2);
        top.offer(2, 0f);
        top.offer(1, -0f);
        top.offer(0, -0f);
        assertEquals(List.of(new Entry(0, -0f), new Entry(1, -0f)), drained(top));
    }

    @Test
    void drainingEmptiesIt() {
        TopK top = new TopK(2);
        top.offer(7, 1);
        assertEquals(1, drained(top).size());
        assertEquals(List.of(), drained(top));
        assertThrows(IllegalArgumentException.class, () -> new TopK(0));
    }

    private static List<Entry> drained(TopK top) {
        List<Entry> entries = new ArrayList<>();
        top.drain((id, score) -> entries.add(new Entry(id, score)));
        return entries;
    }
}
