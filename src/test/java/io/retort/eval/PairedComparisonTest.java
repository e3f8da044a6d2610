package io.retort.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;

class PairedComparisonTest {
    private static final RankingMetric MRR = new MeanReciprocalRank();

    @Test
    void aModelThatIsBetterOnMostCasesIsSignificantlyBetter() {
        PairedComparison comparison = PairedComparison.of(MRR, models(200, 0.3).get(0), models(200, 0.3).get(1), 1);
        assertTrue(comparison.difference() > 0.05, comparison.toString());
        assertTrue(comparison.interval().low() > 0 && comparison.isSignificant(), comparison.toString());
        PairedComparison turned = PairedComparison.of(MRR, models(200, 0.3).get(1), models(200, 0.3).get(0), 1);
        assertEquals(-comparison.difference(), turned.difference(), 1e-12);
        assertEquals(comparison.wilcoxonP(), turned.wilcoxonP(), 1e-12);
    }

    @Test
    void equalModelsAreSeldomFoundToDiffer() {
        int found = 0;
        for (int test = 0; test < 60; test++) {
            List<List<ScoredCase>> models = models(1000 + test, 0);
            if (PairedComparison.of(new HitsAt(1), models.get(0), models.get(1), test).isSignificant()) found++;
        }
        assertTrue(found <= 8, found + " of 60");
    }

    @Test
    void aModelDoesNotDifferFromItself() {
        List<ScoredCase> cases = models(50, 0).getFirst();
        PairedComparison same = PairedComparison.of(MRR, cases, cases, 1);
        assertEquals(new PairedComparison(cases.size(), 0, new Interval(0, 0), 1, 1), same);
        assertFalse(same.isSignificant());
    }

    @Test
    void wilcoxonIsExactForFewCasesAndSkipsThoseThatDoNotDiffer() {
        // Five cases, all in favour of one side: two-sided p is 2 / 2^5.
        double[] a = {1, 2, 3, 4, 5, 7};
        double[] b = {0, 0, 0, 0, 0, 7};
        assertEquals(2.0 / 32, PairedComparison.wilcoxonP(a, b), 1e-12);
        assertEquals(2.0 / 32, PairedComparison.wilcoxonP(b, a), 1e-12);
    }

    @Test
    void resultsOnOtherCasesAreRefused() {
        List<ScoredCase> cases = models(20, 0).getFirst();
        assertThrows(IllegalArgumentException.class,
                () -> PairedComparison.of(MRR, cases, cases.subList(0, 5), 1));
        assertThrows(IllegalArgumentException.class, () -> PairedComparison
                .of(new PairsInOrder(PairsInOrder.Negatives.ADVERSARIAL), cases, cases, 1));
    }

    /** Two models of independent noise on the same 150 cases; the first knows the positive by {@code edge}. */
    private static List<List<ScoredCase>> models(long seed, double edge) {
        SplittableRandom random = new SplittableRandom(seed);
        List<ScoredCase> first = new ArrayList<>();
        List<ScoredCase> second = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            first.add(scored(random, edge));
            second.add(scored(random, 0));
        }
        return List.of(first, second);
    }

    private static ScoredCase scored(SplittableRandom random, double edge) {
        return new ScoredCase(new double[]{random.nextDouble() + edge}, new double[0],
                random.doubles(4).toArray());
    }
}
