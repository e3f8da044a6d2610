package io.retort.study;

import io.retort.eval.Estimate;
import io.retort.eval.Interval;
import io.retort.eval.Share;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What the votes of a study say. Ties count for neither side: win rates and their tests are over decided votes, and ties
 * are told beside them. Intervals are 95 %.
 *
 * @param plan       that was judged
 * @param leastPassed share of the checks answered that a judge must have right; with less, all votes are left out
 * @param judges     in the order in which they began
 * @param votes      that count: of judges who stay, on items that are no checks
 * @param unjudged   items without such a vote
 * @param systems    in the plan's order
 * @param pairs      of systems, each once
 * @param agreements of judges on items that several judged
 * @param left       of decided votes those for the left side, which should be about half; empty without such votes
 */
public record StudyReport(StudyPlan plan, double leastPassed, List<Judge> judges, int votes, int unjudged,
        List<SystemResult> systems, List<PairResult> pairs, List<Agreement> agreements, Optional<Share> left) {
    public StudyReport {
        judges = List.copyOf(judges);
        systems = List.copyOf(systems);
        pairs = List.copyOf(pairs);
        agreements = List.copyOf(agreements);
    }

    /**
     * Evaluates votes.
     *
     * @param leastPassed share of the checks answered that a judge must have right, 0 to 1
     * @param seed        moves bootstraps only
     */
    public static StudyReport of(StudyPlan plan, VotesFile.Kept votes, double leastPassed, long seed) {
        return new StudyEvaluation(plan, votes, leastPassed, seed).report();
    }

    /**
     * One who judged.
     *
     * @param votes    without those on checks
     * @param items    that the judge has, without checks
     * @param checks   that were answered
     * @param passed   of them
     * @param excluded whether too few were passed, so that none of the votes counts
     * @param seconds  median time of a vote
     */
    public record Judge(String name, int votes, int items, int checks, int passed, boolean excluded,
            OptionalDouble seconds) {
    }

    /**
     * One system, over all it was judged on.
     *
     * @param votes    on it
     * @param wins     in comparisons with any other; 0 where nothing is compared
     * @param losses   likewise
     * @param ties     likewise
     * @param score    mean rating, or mean of sensible and specific (SSA); empty where systems are compared
     * @param sensible replies found to make sense, where that is asked
     * @param specific replies found to be specific as well, where that is asked
     */
    public record SystemResult(String name, int votes, int wins, int losses, int ties, Optional<Estimate> score,
            Optional<Share> sensible, Optional<Share> specific) {
    }

    /**
     * Two systems beside each other.
     *
     * @param wins         of a over b
     * @param losses       of a against b
     * @param ties         between them
     * @param winRate      of a, over decided votes; empty without such, and where nothing is compared
     * @param difference   of a's mean score over b's, where each is judged by itself
     * @param p            that chance alone gives such a difference: by the exact binomial test of decided votes, or by
     *                     Welch's test; empty without enough votes
     * @param overContexts a's share of wins less b's, context by context, since votes on one context hang together;
     *                     empty without votes, and where nothing is compared
     * @param more         further votes on this pair until a difference as it was measured would be found; 0 if it is
     *                     found already, empty if there is none to be found
     */
    public record PairResult(String a, String b, int wins, int losses, int ties, Optional<Share> winRate,
            OptionalDouble difference, OptionalDouble p, Optional<OverContexts> overContexts, OptionalLong more) {
        /** Whether chance alone would give such a difference in fewer than 5 % of studies. */
        public boolean isSignificant() {
            return p.isPresent() && p.getAsDouble() < SampleSize.LEVEL;
        }
    }

    /**
     * The difference of two systems over contexts, by which votes on one context do not count as independent.
     *
     * @param contexts   that were judged
     * @param difference share of wins less share of losses, averaged over contexts
     * @param interval   of the difference, by the bootstrap over contexts
     * @param bootstrapP two-sided, by the same
     * @param wilcoxonP  two-sided, Wilcoxon's signed-rank test
     */
    public record OverContexts(int contexts, double difference, Interval interval, double bootstrapP,
            double wilcoxonP) {
    }

    /**
     * How far judges agree on a question.
     *
     * @param question what was judged, in a word
     * @param level    of the alpha
     * @param alpha    Krippendorff's; empty if no item was judged by two, or all answers are the same
     * @param items    that two or more judged
     * @param votes    on these
     */
    public record Agreement(String question, KrippendorffAlpha.Level level, OptionalDouble alpha, int items,
            int votes) {
    }
}
