package io.retort.teacher;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A {@link Teacher}'s opinion of each candidate of a request.
 *
 * @param opinions in the order of the candidates; empty of one that is too long for the teacher
 */
public record Judgement(JudgementRequest request, List<Optional<Opinion>> opinions) {
    /** @throws IllegalArgumentException if there are more or fewer opinions than candidates */
    public Judgement {
        Objects.requireNonNull(request, "request");
        opinions = List.copyOf(opinions);
        if (opinions.size() != request.candidates().size()) {
            throw new IllegalArgumentException(
                    "opinions are " + opinions.size() + ", candidates " + request.candidates().size());
        }
    }

    /**
     * How likely a teacher finds a reply r to a context c, in nats a token (section 3.2 of the paper).
     *
     * @param logLikelihood     log P(r | c) / |r|
     * @param mutualInformation (log P(r | c) − log P(r)) / |r|
     * @param tokens            |r|, which counts the sign of its end
     */
    public record Opinion(double logLikelihood, double mutualInformation, long tokens) {
    }
}
