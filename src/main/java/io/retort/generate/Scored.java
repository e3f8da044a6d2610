package io.retort.generate;

import java.util.List;

/**
 * The candidates of a request, judged.
 *
 * @param likelihoods in the order of the candidates
 */
public record Scored(ScoringRequest request, List<Likelihood> likelihoods) {
    public Scored {
        likelihoods = List.copyOf(likelihoods);
    }
}
