package io.retort.eval;

import java.util.stream.IntStream;
import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;

import io.retort.dialogue.RankingCase;
import io.retort.files.BadInput;

/**
 * What a model thinks of the candidates of one {@link RankingCase}; greater is better. The arrays are the record's own;
 * nobody may change them.
 *
 * @param positive scores of the replies that fit; at least one
 * @param adversarial scores of the adversarial replies; may be empty
 * @param random scores of the random replies; may be empty
 */
public record ScoredCase(double[] positive, double[] adversarial, double[] random) {
    /**
     * Checks that every score is a number.
     *
     * @throws BadInput if a score is not a number: the model is broken, and no rank would mean anything
     */
    public ScoredCase {
        if (positive.length == 0) throw new IllegalArgumentException("no positive score");
        boolean broken = DoubleStream.of(positive).anyMatch(Double::isNaN)
                || DoubleStream.of(adversarial).anyMatch(Double::isNaN)
                || DoubleStream.of(random).anyMatch(Double::isNaN);
        if (broken)
            throw BadInput.of("the model gave a score that is not a number", "check its weights (retort inspect)");
    }

    /**
     * Cuts the scores of {@link RankingCase#candidates()}, in that order, into their three parts. Negatives that are a
     * right reply in some spelling are left out: no model could put them below it.
     *
     * @throws BadInput if no other negative is left
     */
    public static ScoredCase of(RankingCase ranking, float[] scores) {
        int positive = ranking.positive().size();
        int adversarial = positive + ranking.adversarial().size();
        int all = adversarial + ranking.random().size();
        if (scores.length != all)
            throw new IllegalArgumentException(scores.length + " scores for " + all + " candidates");
        boolean[] wrong = ranking.wrong();
        ScoredCase scored = new ScoredCase(part(scores, 0, positive, _ -> true),
                part(scores, positive, adversarial, i -> wrong[i - positive]),
                part(scores, adversarial, all, i -> wrong[i - positive]));
        if (scored.adversarial.length + scored.random.length == 0) {
            throw BadInput.of("ranking case " + ranking.id() + " has only right replies, some of them among the wrong",
                    "give it replies that do not fit, or remove it");
        }
        return scored;
    }

    private static double[] part(float[] scores, int from, int to, IntPredicate counts) {
        return IntStream.range(from, to).filter(counts).mapToDouble(i -> scores[i]).toArray();
    }

    /** Rank of the best positive among the negatives, from 1; a tie is lost. */
    public long rank() {
        double best = DoubleStream.of(positive).max().orElseThrow();
        return 1 + DoubleStream.concat(DoubleStream.of(adversarial), DoubleStream.of(random))
                .filter(score -> score >= best).count();
    }

    /** The place of the greatest score, from 0; of equal ones the first. */
    static int best(float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            if (scores[i] > scores[best]) best = i;
        }
        return best;
    }
}
