package io.retort.study;

import io.retort.eval.Estimate;
import io.retort.eval.PairedComparison;
import io.retort.eval.Share;
import io.retort.study.StudyReport.Agreement;
import io.retort.study.StudyReport.Judge;
import io.retort.study.StudyReport.OverContexts;
import io.retort.study.StudyReport.PairResult;
import io.retort.study.StudyReport.SystemResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.inference.TTest;

/** One evaluation of the votes of a study. */
final class StudyEvaluation {
    private final StudyPlan plan;
    private final Map<String, StudyItem> items;
    private final VotesFile.Kept kept;
    private final double leastPassed;
    private final long seed;
    private final List<Judge> judges = new ArrayList<>();
    private final List<Vote> votes = new ArrayList<>();

    StudyEvaluation(StudyPlan plan, VotesFile.Kept kept, double leastPassed, long seed) {
        if (!(leastPassed >= 0 && leastPassed <= 1)) {
            throw new IllegalArgumentException("leastPassed is " + leastPassed + ", not 0 to 1");
        }
        this.plan = plan;
        this.items = plan.itemsById();
        this.kept = kept;
        this.leastPassed = leastPassed;
        this.seed = seed;
    }

    StudyReport report() {
        kept.places().forEach((name, place) -> judges.add(judge(name, plan.places().get(place))));
        Set<String> out = new HashSet<>();
        for (Judge judge : judges) if (judge.excluded()) out.add(judge.name());
        for (Vote vote : kept.votes()) {
            if (!items.get(vote.item()).isCheck() && !out.contains(vote.judge())) votes.add(vote);
        }
        Set<String> judged = new HashSet<>(votes.stream().map(Vote::item).toList());
        int unjudged = (int) plan.items().stream().filter(item -> !item.isCheck() && !judged.contains(item.id()))
                .count();
        return new StudyReport(plan, leastPassed, judges, votes.size(), unjudged,
                plan.systems().stream().map(this::system).toList(), pairs(), agreements(), left());
    }

    private Judge judge(String name, List<String> place) {
        int answered = 0, checks = 0, passed = 0;
        List<Double> seconds = new ArrayList<>();
        for (Vote vote : kept.votes()) {
            if (!vote.judge().equals(name)) continue;
            StudyItem item = items.get(vote.item());
            vote.millis().ifPresent(millis -> seconds.add(millis / 1000.0));
            if (!item.isCheck()) answered++;
            else checks++;
            if (item.isCheck() && item.expected().contains(vote.answer())) passed++;
        }
        int mine = (int) place.stream().filter(id -> !items.get(id).isCheck()).count();
        return new Judge(name, answered, mine, checks, passed, passed < leastPassed * checks,
                seconds.isEmpty()
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(StatUtils.percentile(array(seconds), 50)));
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(value -> value).toArray();
    }

    /** What a vote says of a system in a comparison: 1 it won, -1 it lost, 0 a tie. */
    private int sign(Vote vote, String system) {
        Optional<String> preferred = items.get(vote.item()).preferred(vote.answer());
        return preferred.isEmpty() ? 0 : preferred.get().equals(system) ? 1 : -1;
    }

    private List<Vote> on(String system) {
        return votes.stream().filter(vote -> items.get(vote.item()).systems().contains(system)).toList();
    }

    private SystemResult system(String name) {
        List<Vote> mine = on(name);
        if (plan.form().isPaired()) {
            return new SystemResult(name, mine.size(), count(mine, name, 1), count(mine, name, -1),
                    count(mine, name, 0),
                    Optional.empty(), Optional.empty(), Optional.empty());
        }
        Optional<Estimate> score = mine.isEmpty() ? Optional.empty() : Optional.of(Estimate.ofMean(scores(mine)));
        return new SystemResult(name, mine.size(), 0, 0, 0, score, share(mine, 2), share(mine, 1));
    }

    private int count(List<Vote> of, String system, int sign) {
        return (int) of.stream().filter(vote -> sign(vote, system) == sign).count();
    }

    /** Of votes on sensible and specific replies those that chose one of the first answers. */
    private Optional<Share> share(List<Vote> mine, int first) {
        if (mine.isEmpty() || plan.form() != StudyForm.SENSIBLE_SPECIFIC) return Optional.empty();
        return Optional.of(new Share((int) mine.stream().filter(vote -> place(vote) < first).count(), mine.size()));
    }

    /** The place of a vote's answer among those of the form. */
    private int place(Vote vote) {
        List<StudyForm.Choice> choices = plan.form().choices();
        for (int i = 0; i < choices.size(); i++) if (choices.get(i).answer().equals(vote.answer())) return i;
        throw new IllegalArgumentException("vote with the answer " + vote.answer());
    }

    /** Ratings; or for each reply the share that it has of sensible and specific: 1, one half or 0. */
    private double[] scores(List<Vote> of) {
        return of.stream().mapToDouble(vote -> plan.form() == StudyForm.LIKERT
                ? Integer.parseInt(vote.answer())
                : (2 - place(vote)) / 2.0).toArray();
    }

    private List<PairResult> pairs() {
        List<PairResult> pairs = new ArrayList<>();
        for (int i = 0; i < plan.systems().size(); i++) {
            for (int j = i + 1; j < plan.systems().size(); j++) {
                String a = plan.systems().get(i), b = plan.systems().get(j);
                pairs.add(plan.form().isPaired() ? compared(a, b) : apart(a, b));
            }
        }
        return pairs;
    }

    private PairResult compared(String a, String b) {
        List<Vote> both = on(a).stream().filter(vote -> items.get(vote.item()).systems().contains(b)).toList();
        int wins = count(both, a, 1), losses = count(both, a, -1), ties = both.size() - wins - losses;
        if (wins + losses == 0) {
            return new PairResult(a, b, wins, losses, ties, Optional.empty(), OptionalDouble.empty(),
                    OptionalDouble.empty(), overContexts(both, a), OptionalLong.empty());
        }
        Share rate = new Share(wins, wins + losses);
        double p = rate.pOfHalf();
        OptionalLong needed = SampleSize.ofShare(rate.value());
        // Ties will come again, so it takes more votes than decided ones.
        OptionalLong more = p < SampleSize.LEVEL
                ? OptionalLong.of(0)
                : needed.isEmpty()
                        ? needed
                        : OptionalLong.of(Math.max(1,
                                (long) Math.ceil((double) needed.getAsLong() * both.size() / rate.whole())
                                        - both.size()));
        return new PairResult(a, b, wins, losses, ties, Optional.of(rate), OptionalDouble.empty(),
                OptionalDouble.of(p), overContexts(both, a), more);
    }

    private Optional<OverContexts> overContexts(List<Vote> both, String a) {
        Map<String, List<Integer>> signs = new LinkedHashMap<>();
        for (Vote vote : both) {
            signs.computeIfAbsent(items.get(vote.item()).context(), _ -> new ArrayList<>()).add(sign(vote, a));
        }
        if (signs.isEmpty()) return Optional.empty();
        PairedComparison found = PairedComparison.ofValues(shares(signs.values(), 1), shares(signs.values(), -1), seed);
        return Optional.of(new OverContexts(found.n(), found.difference(), found.interval(), found.bootstrapP(),
                found.wilcoxonP()));
    }

    private static double[] shares(Iterable<List<Integer>> signs, int sign) {
        List<Double> shares = new ArrayList<>();
        for (List<Integer> of : signs) {
            shares.add((double) of.stream().filter(each -> each == sign).count() / of.size());
        }
        return array(shares);
    }

    private PairResult apart(String a, String b) {
        double[] ofA = scores(on(a)), ofB = scores(on(b));
        if (ofA.length < 2 || ofB.length < 2)
            return apart(a, b, OptionalDouble.empty(), OptionalDouble.empty(),
                    OptionalLong.empty());
        double difference = StatUtils.mean(ofA) - StatUtils.mean(ofB);
        double variances = StatUtils.variance(ofA) + StatUtils.variance(ofB);
        if (variances == 0) {
            return apart(a, b, OptionalDouble.of(difference), OptionalDouble.empty(), OptionalLong.empty());
        }
        double p = new TTest().tTest(ofA, ofB);
        OptionalLong needed = SampleSize.ofMeans(difference, variances);
        OptionalLong more = p < SampleSize.LEVEL
                ? OptionalLong.of(0)
                : needed.isEmpty()
                        ? needed
                        : OptionalLong.of(Math.max(1, 2 * needed.getAsLong() - ofA.length - ofB.length));
        return apart(a, b, OptionalDouble.of(difference), OptionalDouble.of(p), more);
    }

    private static PairResult apart(String a, String b, OptionalDouble difference, OptionalDouble p,
            OptionalLong more) {
        return new PairResult(a, b, 0, 0, 0, Optional.empty(), difference, p, Optional.empty(), more);
    }

    private List<Agreement> agreements() {
        return switch (plan.form()) {
            case SIDE_BY_SIDE, SELF_CHATS -> List.of(agreement("preference", KrippendorffAlpha.Level.NOMINAL, 3,
                    this::place));
            case SENSIBLE_SPECIFIC -> List.of(
                    agreement("sensible", KrippendorffAlpha.Level.NOMINAL, 2, vote -> place(vote) < 2 ? 1 : 0),
                    agreement("specific", KrippendorffAlpha.Level.NOMINAL, 2, vote -> place(vote) < 1 ? 1 : 0));
            case LIKERT -> List.of(agreement("rating", KrippendorffAlpha.Level.ORDINAL, 5, this::place));
        };
    }

    private Agreement agreement(String question, KrippendorffAlpha.Level level, int values, ToIntFunction<Vote> value) {
        Map<String, List<Integer>> byItem = new LinkedHashMap<>();
        for (Vote vote : votes) {
            byItem.computeIfAbsent(vote.item(), _ -> new ArrayList<>()).add(value.applyAsInt(vote));
        }
        List<List<Integer>> several = byItem.values().stream().filter(given -> given.size() > 1).toList();
        return new Agreement(question, level, KrippendorffAlpha.of(several, values, level), several.size(),
                several.stream().mapToInt(List::size).sum());
    }

    private Optional<Share> left() {
        if (!plan.form().isPaired()) return Optional.empty();
        int decided = (int) votes.stream().filter(vote -> !vote.answer().equals(StudyForm.TIE)).count();
        int left = (int) votes.stream().filter(vote -> vote.answer().equals(StudyForm.LEFT)).count();
        return decided == 0 ? Optional.empty() : Optional.of(new Share(left, decided));
    }
}
