package io.retort.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.study.StudyReport.PairResult;
import io.retort.study.StudyReport.SystemResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class StudyReportTest {
    private static final StudyDesign DESIGN = new StudyDesign(6, 60, 3);

    /** The votes of judges who answer to an item by a rule. */
    private static VotesFile.Kept votes(StudyPlan plan, int judges, Function<StudyItem, String> rule) {
        Map<String, Integer> places = new LinkedHashMap<>();
        List<Vote> votes = new ArrayList<>();
        for (int judge = 0; judge < judges; judge++) {
            places.put("judge " + judge, judge);
            for (String id : plan.places().get(judge)) {
                votes.add(new Vote("judge " + judge, id, rule.apply(Studies.item(plan, id)), Instant.EPOCH,
                        OptionalLong.of(2000)));
            }
        }
        return new VotesFile.Kept(places, votes, false);
    }

    /** A judge whose taste is known, who passes checks, and ties now and then. */
    private static Function<StudyItem, String> preferring(String better, double share, SplittableRandom random) {
        return item -> {
            if (item.isCheck()) return item.expected().getFirst();
            if (random.nextDouble() < 0.1) return "tie";
            boolean prefers = random.nextDouble() < share;
            return item.systems().getFirst().equals(better) == prefers ? "left" : "right";
        };
    }

    @Test
    void aKnownPreferenceIsFoundAgain() {
        StudyPlan plan = Studies.plan(StudyForm.SIDE_BY_SIDE, DESIGN, 70, 3, "good", "poor");
        StudyReport report = StudyReport.of(plan, votes(plan, 6, preferring("good", .7, new SplittableRandom(1))),
                .75, 1);
        PairResult pair = report.pairs().getFirst();
        assertEquals(360, pair.wins() + pair.losses() + pair.ties());
        assertEquals(36, pair.ties(), 15);
        assertTrue(pair.winRate().orElseThrow().wilson().contains(.7), pair.toString());
        assertTrue(pair.winRate().orElseThrow().exact().contains(.7), pair.toString());
        assertTrue(pair.isSignificant() && pair.overContexts().orElseThrow().interval().low() > 0, pair.toString());
        assertEquals(OptionalLong.of(0), pair.more());
        assertTrue(report.left().orElseThrow().wilson().contains(.5), report.left().toString());
        SystemResult good = report.systems().getFirst(), poor = report.systems().getLast();
        assertEquals(List.of(good.wins(), good.losses(), good.ties()),
                List.of(poor.losses(), poor.wins(), poor.ties()));
        assertEquals(0, report.unjudged());
        assertEquals(2, report.judges().getFirst().seconds().orElseThrow());
    }

    @Test
    void judgesWhoseTasteIsChanceFindNothingAndAreToldHowManyMore() {
        int found = 0;
        for (int seed = 0; seed < 40; seed++) {
            StudyPlan plan = Studies.plan(StudyForm.SIDE_BY_SIDE, new StudyDesign(1, 40, 1), 40, 0, "a", "b");
            PairResult pair = StudyReport.of(plan, votes(plan, 1, preferring("a", .5, new SplittableRandom(seed))), 1,
                    seed).pairs().getFirst();
            if (pair.isSignificant()) found++;
            else assertTrue(pair.more().isEmpty() || pair.more().getAsLong() > 0, pair.toString());
        }
        assertTrue(found <= 6, found + " of 40");
    }

    @Test
    void threeSystemsComeOutInTheirOrderAndAgreementIsHighWhereTasteIsSure() {
        StudyPlan plan = Studies.plan(StudyForm.SELF_CHATS, DESIGN, 60, 1, "best", "mid", "worst");
        List<String> order = plan.systems();
        StudyReport report = StudyReport.of(plan, votes(plan, 6, item -> item.isCheck()
                ? item.expected().getFirst()
                : order.indexOf(item.systems().get(0)) < order.indexOf(item.systems().get(1)) ? "left" : "right"), .75,
                1);
        for (PairResult pair : report.pairs()) assertEquals(0, pair.losses() + pair.ties(), pair.toString());
        assertEquals(120, report.pairs().getFirst().wins(), 1);
        assertEquals(1, report.agreements().getFirst().alpha().orElseThrow(), 1e-12);
        assertEquals(120, report.agreements().getFirst().items(), 5);
    }

    @Test
    void judgesWhoDoNotReadAreFoundByTheChecksAndLeftOut() {
        StudyPlan plan = Studies.plan(StudyForm.SIDE_BY_SIDE, DESIGN, 70, 4, "good", "poor");
        Function<StudyItem, String> careful = preferring("good", .9, new SplittableRandom(2));
        VotesFile.Kept kept = votes(plan, 6, careful);
        List<Vote> mixed = kept.votes().stream().map(vote -> vote.judge().equals("judge 2")
                ? new Vote(vote.judge(), vote.item(), "right", vote.at(), vote.millis())
                : vote).toList();
        StudyReport report = StudyReport.of(plan, new VotesFile.Kept(kept.places(), mixed, false), .75, 1);
        StudyReport.Judge lazy = report.judges().get(2);
        assertTrue(lazy.excluded());
        assertEquals(List.of(4, 2, 60), List.of(lazy.checks(), lazy.passed(), lazy.votes()));
        assertEquals(5, report.judges().stream().filter(judge -> !judge.excluded()).count());
        assertEquals(300, report.votes());
        assertEquals(360, StudyReport.of(plan, new VotesFile.Kept(kept.places(), mixed, false), 0, 1).votes());
    }

    @Test
    void sensibleAndSpecificRepliesGiveTheirSharesAndTheMeanOfBoth() {
        StudyPlan plan = Studies.plan(StudyForm.SENSIBLE_SPECIFIC, new StudyDesign(2, 20, 2), 20, 2, "a", "b");
        int[] turn = {0};
        StudyReport report = StudyReport.of(plan, votes(plan, 2, item -> item.isCheck()
                ? item.expected().getFirst()
                : item.systems().getFirst().equals("a")
                        ? "sensible+specific"
                        : List.of("sensible", "neither").get(turn[0]++ % 2)),
                1, 1);
        SystemResult a = report.systems().get(0), b = report.systems().get(1);
        assertEquals(1, a.score().orElseThrow().value());
        assertEquals(1, a.specific().orElseThrow().value());
        assertEquals(.25, b.score().orElseThrow().value());
        assertEquals(.5, b.sensible().orElseThrow().value());
        assertEquals(0, b.specific().orElseThrow().value());
        assertEquals(20, b.votes());
        assertTrue(b.sensible().orElseThrow().wilson().low() > .25, b.toString());
        PairResult pair = report.pairs().getFirst();
        assertEquals(.75, pair.difference().orElseThrow());
        assertTrue(pair.isSignificant() && pair.winRate().isEmpty());
        assertEquals(List.of("sensible", "specific"), report.agreements().stream()
                .map(StudyReport.Agreement::question).toList());
        assertEquals(1, report.agreements().get(1).alpha().orElseThrow(), 1e-12);
    }

    /** By scipy: ttest_ind([1,2,3,4,5,4], [2,2,1,3,2,1], equal_var=False) has a p of .0863008. */
    @Test
    void ratingsGiveMeansAndWelchsTest() {
        StudyPlan plan = Studies.plan(StudyForm.LIKERT, new StudyDesign(1, 12, 1), 12, 0, "a", "b");
        Map<String, List<String>> given = Map.of("a", new ArrayList<>(List.of("1", "2", "3", "4", "5", "4")), "b",
                new ArrayList<>(List.of("2", "2", "1", "3", "2", "1")));
        StudyReport report = StudyReport.of(plan,
                votes(plan, 1, item -> given.get(item.systems().getFirst()).removeFirst()), 1, 1);
        PairResult pair = report.pairs().getFirst();
        assertEquals(19 / 6.0 - 11 / 6.0, pair.difference().orElseThrow(), 1e-12);
        assertEquals(.08630092438, pair.p().orElseThrow(), 1e-8);
        assertFalse(pair.isSignificant());
        // 2.1667 + 0.5667 of variance, a difference of 4/3: 12.07 of each, 26 in all, of which 12 are there.
        assertEquals(OptionalLong.of(14), pair.more());
        assertEquals(OptionalDouble.empty(), report.agreements().getFirst().alpha());
    }

    @Test
    void withoutVotesThereIsAReportOfNothing() {
        for (StudyForm form : StudyForm.values()) {
            StudyPlan plan = Studies.plan(form, new StudyDesign(2, 4, 2), 4, 1, "a", "b");
            StudyReport report = StudyReport.of(plan, new VotesFile.Kept(Map.of(), List.of(), false), .75, 1);
            assertEquals(0, report.votes());
            assertEquals(4, report.unjudged());
            assertTrue(report.pairs().getFirst().p().isEmpty() && report.pairs().getFirst().more().isEmpty());
        }
    }
}
