package io.retort.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.distribution.NormalDistribution;

import io.retort.text.CasualTokenizer;
import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;

/**
 * Dist-n (Li et al. 2016; section 4 of the paper): different n-grams over all n-grams of a corpus of replies, in
 * {@link CasualTokenizer casual tokens}; n-grams do not cross replies.
 *
 * <p>It falls as the corpus grows: compare corpora of one size only. For the same reason the interval is a jackknife's,
 * over replies: a bootstrap draws replies twice, which no corpus does, and so finds too few different n-grams.
 *
 * @param n length of the n-grams, at least 1
 */
public record DistinctNgrams(int n) {
    private static final double TWO_SIDED = new NormalDistribution()
            .inverseCumulativeProbability(0.5 + Interval.LEVEL / 2);

    public DistinctNgrams {
        if (n < 1) throw new IllegalArgumentException("n-grams of " + n);
    }

    /** The metric's key in reports. */
    public String key() {
        return "dist-" + n;
    }

    /** More different n-grams are better. */
    public Direction direction() {
        return Direction.GREATER_IS_BETTER;
    }

    /** Dist-n of a corpus; 0 if no reply is long enough for an n-gram. */
    public Estimate of(List<String> replies) {
        List<List<List<String>>> ngrams = replies.stream().map(this::ngrams).toList();
        Object2IntOpenHashMap<List<String>> counts = new Object2IntOpenHashMap<>();
        ngrams.forEach(reply -> reply.forEach(ngram -> counts.addTo(ngram, 1)));
        long all = ngrams.stream().mapToLong(List::size).sum();
        if (all == 0) return new Estimate(0, new Interval(0, 0));
        double value = (double) counts.size() / all;
        double[] without = ngrams.stream().mapToDouble(reply -> without(reply, counts, all)).toArray();
        double margin = TWO_SIDED * jackknifeError(without);
        return new Estimate(value, new Interval(value - margin, value + margin).within(0, 1));
    }

    private List<List<String>> ngrams(String reply) {
        List<String> tokens = CasualTokenizer.tokens(reply);
        List<List<String>> ngrams = new ArrayList<>();
        for (int i = 0; i + n <= tokens.size(); i++) ngrams.add(tokens.subList(i, i + n));
        return ngrams;
    }

    /** Dist-n of the corpus without one reply. */
    private static double without(List<List<String>> reply, Object2IntOpenHashMap<List<String>> counts, long all) {
        Object2IntOpenHashMap<List<String>> own = new Object2IntOpenHashMap<>();
        reply.forEach(ngram -> own.addTo(ngram, 1));
        long gone = own.object2IntEntrySet().stream().filter(e -> e.getIntValue() == counts.getInt(e.getKey())).count();
        return all == reply.size() ? 0 : (double) (counts.size() - gone) / (all - reply.size());
    }

    private static double jackknifeError(double[] without) {
        double mean = Arrays.stream(without).average().orElse(0);
        double squares = Arrays.stream(without).map(value -> (value - mean) * (value - mean)).sum();
        return Math.sqrt(squares * (without.length - 1) / without.length);
    }
}
