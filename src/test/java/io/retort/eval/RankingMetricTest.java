package io.retort.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.retort.dialogue.Context;
import io.retort.dialogue.RankingCase;
import io.retort.files.BadInput;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RankingMetricTest {
    private static final double[] NONE = {};
    /** Ranks 1, 2 (a tie), 4. */
    private static final List<ScoredCase> CASES = List.of(scored(new double[]{0.9, 0.1}, new double[]{0.5, 0.1}, 0.8),
            scored(new double[]{0.7}, new double[]{0.7, 0.2}, 0.1),
            scored(new double[]{0.3}, new double[]{0.4, 0.5}, 0.6));

    @Test
    void handComputedValues() {
        assertEquals(List.of(1L, 2L, 4L), CASES.stream().map(ScoredCase::rank).toList());
        assertEquals(1.0 / 3, value(new HitsAt(1)), 1e-12);
        assertEquals(2.0 / 3, value(new HitsAt(2)), 1e-12);
        assertEquals((1 + 0.5 + 0.25) / 3, value(new MeanReciprocalRank()), 1e-12);
        // 0.9 beats both, 0.1 neither (one tie); 0.7 beats one (one tie); 0.3 none.
        assertEquals(3.0 / 8, value(new PairsInOrder(PairsInOrder.Negatives.ADVERSARIAL)), 1e-12);
        assertEquals(2.0 / 4, value(new PairsInOrder(PairsInOrder.Negatives.RANDOM)), 1e-12);
    }

    @Property(tries = 200)
    void metricsAgreeWithSortingByHand(@ForAll("cases") List<ScoredCase> cases) {
        double hits = 0;
        double reciprocal = 0;
        for (ScoredCase scored : cases) {
            List<double[]> ranked = new ArrayList<>();
            ranked.add(new double[]{DoubleStream.of(scored.positive()).max().orElseThrow(), 1});
            for (double score : scored.adversarial()) ranked.add(new double[]{score, 0});
            for (double score : scored.random()) ranked.add(new double[]{score, 0});
            // Descending; among equals the negatives first.
            ranked.sort((x, y) -> x[0] != y[0] ? Double.compare(y[0], x[0]) : Double.compare(x[1], y[1]));
            int rank = 1
                    + IntStream.range(0, ranked.size()).filter(i -> ranked.get(i)[1] == 1).findFirst().orElseThrow();
            hits += rank <= 5 ? 1 : 0;
            reciprocal += 1.0 / rank;
        }
        assertEquals(hits / cases.size(), new HitsAt(5).estimate(cases, 1).orElseThrow().value(), 1e-12);
        assertEquals(reciprocal / cases.size(), new MeanReciprocalRank().estimate(cases, 1).orElseThrow().value(),
                1e-12);
    }

    @Property(tries = 100)
    void intervalsStayBetweenZeroAndOneAndWilsonsHoldsTheValue(@ForAll("cases") List<ScoredCase> cases) {
        for (RankingMetric metric : RankingReport.METRICS) {
            metric.estimate(cases, 1).ifPresent(estimate -> {
                assertTrue(!(metric instanceof HitsAt) || estimate.interval().contains(estimate.value()), metric.key());
                assertTrue(new Interval(0, 1).contains(estimate.interval().low()), metric.key());
                assertTrue(new Interval(0, 1).contains(estimate.interval().high()), metric.key());
            });
        }
    }

    @Test
    void wilsonsIntervalIsThatOfHisFormula() {
        Interval interval = HitsAt.wilson(10, 7);
        assertEquals(0.39677815, interval.low(), 1e-6);
        assertEquals(0.89220874, interval.high(), 1e-6);
        assertEquals(0, HitsAt.wilson(20, 0).low());
        assertEquals(1, HitsAt.wilson(20, 20).high());
    }

    @Test
    void intervalsHoldTheTruthAboutNinetyFiveTimesInAHundred() {
        SplittableRandom random = new SplittableRandom(5);
        int hits = 0;
        int shares = 0;
        int samples = 150;
        for (int sample = 0; sample < samples; sample++) {
            // One positive and three negatives, all uniform: hits@1 is 1/4, pos>random is 1/2.
            List<ScoredCase> cases = IntStream.range(0, 100).mapToObj(i -> scored(new double[]{random.nextDouble()},
                    NONE, random.nextDouble(), random.nextDouble(), random.nextDouble())).toList();
            if (covers(new HitsAt(1), cases, 0.25)) hits++;
            if (covers(new PairsInOrder(PairsInOrder.Negatives.RANDOM), cases, 0.5)) shares++;
        }
        assertTrue(hits >= 0.90 * samples && shares >= 0.88 * samples, hits + " and " + shares + " of " + samples);
        assertTrue(hits < samples && shares < samples, "intervals that always hold are too wide");
    }

    @Test
    void theReportHasItsKeysInOrderAndNullWhereAMetricDoesNotApply() {
        List<ScoredCase> cases = List.of(scored(new double[]{1}, NONE, 0), scored(new double[]{0}, NONE, 1));
        var values = RankingReport.of(cases).values();
        assertEquals(List.of("n", "hits@1", "hits@1_ci", "hits@5", "hits@5_ci", "mrr", "mrr_ci", "pos>adversarial",
                "pos>adversarial_ci", "pos>random", "pos>random_ci"), List.copyOf(values.keySet()));
        assertEquals(2, values.get("n"));
        assertEquals(0.5, values.get("hits@1"));
        assertEquals(0.75, values.get("mrr"));
        assertNull(values.get("pos>adversarial"));
        assertNull(values.get("pos>adversarial_ci"));
        assertEquals(values, RankingReport.of(cases).values(), "seeded");
    }

    @Test
    void scoresAreCutInTheOrderOfTheCandidates() {
        var ranking = new RankingCase("r", Context.of("a"), List.of("p"), List.of("x", "y"), List.of("z"));
        ScoredCase scored = ScoredCase.of(ranking, new float[]{1, 2, 3, 4});
        assertEquals(List.of(1.0), DoubleStream.of(scored.positive()).boxed().toList());
        assertEquals(List.of(2.0, 3.0), DoubleStream.of(scored.adversarial()).boxed().toList());
        assertEquals(List.of(4.0), DoubleStream.of(scored.random()).boxed().toList());
        assertThrows(IllegalArgumentException.class, () -> ScoredCase.of(ranking, new float[3]));
    }

    @Test
    void aScoreThatIsNotANumberIsRefused() {
        assertThrows(BadInput.class, () -> scored(new double[]{1}, NONE, Double.NaN));
    }

    @Provide
    Arbitrary<List<ScoredCase>> cases() {
        // Few different scores, so that ties are common.
        Arbitrary<Double> score = Arbitraries.integers().between(0, 6).map(Integer::doubleValue);
        Arbitrary<double[]> some = score.array(double[].class).ofMinSize(1).ofMaxSize(8);
        Arbitrary<double[]> maybe = score.array(double[].class).ofMaxSize(8);
        return Combinators.combine(some, maybe, some).as(ScoredCase::new).list().ofMinSize(1).ofMaxSize(12);
    }

    private static boolean covers(RankingMetric metric, List<ScoredCase> cases, double truth) {
        return metric.estimate(cases, 3).orElseThrow().interval().contains(truth);
    }

    private static double value(RankingMetric metric) {
        return metric.estimate(CASES, 1).orElseThrow().value();
    }

    private static ScoredCase scored(double[] positive, double[] adversarial, double... random) {
        return new ScoredCase(positive, adversarial, random);
    }
}
