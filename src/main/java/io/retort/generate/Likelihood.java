package io.retort.generate;

/**
 * What a model thinks of a candidate r of a context c, token by token, in nats.
 *
 * @param given {@code log P(r_t | c, r_<t)}, {@code [tokens]}
 * @param prior {@code log P(r_t | r_<t)}, {@code [tokens]}; null if it was not asked for
 */
public record Likelihood(float[] given, float[] prior) {
    /** The log-probability of the whole candidate, {@code log P(r | c)}, in nats. */
    public double sum() {
        return sum(given);
    }

    /** The log-likelihood a token, {@code LL(c, r) = log P(r | c) / |r|} (section 3.2 of the paper). */
    public double logLikelihood() {
        return sum(given) / given.length;
    }

    /**
     * The mutual information a token, {@code MI(c, r) = (log P(r | c) - log P(r)) / |r|}.
     *
     * @throws IllegalStateException if no prior was asked for
     */
    public double mutualInformation() {
        if (prior == null) throw new IllegalStateException("no prior was asked for");
        return (sum(given) - sum(prior)) / given.length;
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) sum += value;
        return sum;
    }
}
