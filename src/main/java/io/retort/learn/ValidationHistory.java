package io.retort.learn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The validations of a run so far.
 *
 * @param validations     in order of their steps
 * @param greaterIsBetter whether the greatest first metric is the best one
 */
public record ValidationHistory(List<Validation> validations, boolean greaterIsBetter) {
    public ValidationHistory {
        validations = List.copyOf(validations);
    }

    /** A copy of this history with one more validation at its end. */
    public ValidationHistory with(Validation next) {
        List<Validation> longer = new ArrayList<>(validations);
        longer.add(next);
        return new ValidationHistory(longer, greaterIsBetter);
    }

    /** The best validation so far, and the earliest among equals; empty if there was none. */
    public Optional<Validation> best() {
        Validation best = null;
        for (Validation validation : validations) {
            if (best == null || isBetter(validation.metric(), best.metric())) best = validation;
        }
        return Optional.ofNullable(best);
    }

    /** Number of validations since the best one. */
    public int sinceBest() {
        return best().map(best -> validations.size() - 1 - validations.indexOf(best)).orElse(0);
    }

    private boolean isBetter(double a, double b) {
        return greaterIsBetter ? a > b : a < b;
    }
}
