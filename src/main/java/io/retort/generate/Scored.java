package io.retort.generate;

import java.util.List;

/**
 * The likelihoods that a model gives to the candidates of a request.
 *
 * @param likelihoods in the order of the candidates
 */
public record Scored(ScoringRequest request, List<Likelihood> likelihoods) {
    public Scored {
        likelihoods = List.copyOf(likelihoods);
    }
}
