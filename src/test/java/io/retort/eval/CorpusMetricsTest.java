package io.retort.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;

class CorpusMetricsTest {
    @Test
    void distNCountsDifferentNgramsOverAllWithoutCrossingReplies() {
        List<String> replies = List.of("I like tea", "i LIKE coffee", "No");
        // Bigrams: i like, like tea, i like, like coffee. Unigrams: i like tea i like coffee no.
        assertEquals(3.0 / 4, new DistinctNgrams(2).of(replies).value());
        assertEquals(5.0 / 7, new DistinctNgrams(1).of(replies).value());
        assertEquals(1.0, new DistinctNgrams(3).of(replies).value());
        assertEquals(new Estimate(0, new Interval(0, 0)), new DistinctNgrams(4).of(replies));
        assertEquals(new Estimate(0, new Interval(0, 0)), new DistinctNgrams(2).of(List.of()));
    }

    @Test
    void distNsJackknifeLeavesOutOneReplyAtATime() {
        List<String> replies = List.of("a b c", "a b", "c d e f", "a b c");
        List<Double> without = IntStream.range(0, replies.size()).mapToObj(i -> {
            List<String> rest = new ArrayList<>(replies);
            rest.remove(i);
            return new DistinctNgrams(2).of(rest).value();
        }).toList();
        double mean = without.stream().mapToDouble(d -> d).average().orElseThrow();
        double error = Math.sqrt(0.75 * without.stream().mapToDouble(d -> (d - mean) * (d - mean)).sum());
        Estimate estimate = new DistinctNgrams(2).of(replies);
        assertEquals(Math.max(0, estimate.value() - 1.959964 * error), estimate.interval().low(), 1e-6);
        assertEquals(Math.min(1, estimate.value() + 1.959964 * error), estimate.interval().high(), 1e-6);
    }

    @Test
    void distNsIntervalHoldsTheExpectedValueOfSuchCorpora() {
        SplittableRandom random = new SplittableRandom(11);
        List<Estimate> estimates = IntStream.range(0, 120).mapToObj(i -> new DistinctNgrams(2).of(corpus(random)))
                .toList();
        double truth = estimates.stream().mapToDouble(Estimate::value).average().orElseThrow();
        long holds = estimates.stream().filter(estimate -> estimate.interval().contains(truth)).count();
        assertTrue(holds >= 104 && holds < 120, holds + " of 120");
    }

    private static List<String> corpus(SplittableRandom random) {
        return IntStream.range(0, 60).mapToObj(i -> {
            var reply = new StringBuilder();
            for (int word = 0; word < 3 + random.nextInt(6); word++) {
                reply.append((char) ('a' + random.nextInt(1 + random.nextInt(20)))).append(' ');
            }
            return reply.toString();
        }).toList();
    }

    @Test
    void lengthIsInCasualTokens() {
        Estimate length = new ReplyLength().of(List.of("Yes.", "I don't know!"));
        assertEquals(3, length.value());
        // Lengths 2 and 4: standard error 1, Student's t with one degree of freedom 12.706.
        assertEquals(3 - 12.7062, length.interval().low(), 1e-3);
        assertEquals(Direction.NEITHER, new ReplyLength().direction());
        assertEquals(new Estimate(2, new Interval(2, 2)), new ReplyLength().of(List.of("Yes.")));
    }

    @Test
    void latencyLeavesOutItsWarmUps() {
        long[] times = LongStream
                .concat(LongStream.of(9_000_000, 8_000_000, 7_000_000), LongStream.rangeClosed(1, 1000))
                .toArray();
        Latency latency = Latency.of(times, Latency.WARM_UPS);
        assertEquals(1000, latency.n());
        assertEquals(500, latency.p50().value());
        assertEquals(990, latency.p99().value());
        assertEquals(500.5, latency.mean().value());
        // Binomial ranks: 469 and 532 for the median of 1000.
        assertEquals(new Interval(469, 532), latency.p50().interval());
        assertTrue(latency.p99().interval().contains(990) && latency.p99().interval().high() < 1000);
        assertThrows(IllegalArgumentException.class, () -> Latency.of(new long[3], 3));
    }

    @Test
    void latencysIntervalsHoldTheTruePercentiles() {
        SplittableRandom random = new SplittableRandom(3);
        int p50 = 0;
        int p99 = 0;
        for (int sample = 0; sample < 200; sample++) {
            Latency latency = Latency.of(random.longs(800, 0, 1_000_000).toArray(), 0);
            if (latency.p50().interval().contains(500_000)) p50++;
            if (latency.p99().interval().contains(990_000)) p99++;
        }
        assertTrue(p50 >= 180 && p50 < 200 && p99 >= 180, p50 + " and " + p99 + " of 200");
    }

    @Test
    void ofASingleTimeOnlyThatTimeIsKnown() {
        Latency latency = Latency.of(new long[]{42}, 0);
        assertEquals(new Estimate(42, new Interval(42, 42)), latency.p50());
        assertEquals(latency.p50(), latency.p99());
        assertEquals(latency.p50(), latency.mean());
    }
}
