package io.retort.jobs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.eval.Estimate;
import io.retort.eval.Interval;
import io.retort.eval.Share;
import io.retort.study.Said;
import io.retort.study.StudyItem;
import io.retort.study.StudyPlan;
import io.retort.study.StudyReport;
import io.retort.study.Vote;
import io.retort.study.VotesFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The report of a study as JSON, which its table and its page tell. */
final class StudyFigures {
    /** Items that are shown with their votes; the plan and the exported votes have all. */
    private static final int SAMPLES = 60;

    private StudyFigures() {}

    static ObjectNode of(StudyReport report, VotesFile.Kept votes) {
        StudyPlan plan = report.plan();
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("plan", plan.fingerprint()).put("form",
                plan.form().label()).put("question", plan.question()).put("votes", report.votes())
                .put("items", (int) plan.items().stream().filter(item -> !item.isCheck()).count())
                .put("unjudged", report.unjudged()).put("checks_passed_least", report.leastPassed())
                .put("last_line_cut", votes.isCut());
        json.set("judges", judges(report));
        json.set("systems", systems(report));
        json.set("pairs", pairs(report));
        ArrayNode agreements = json.putArray("agreement");
        for (StudyReport.Agreement each : report.agreements()) {
            ObjectNode agreement = agreements.addObject().put("question", each.question()).put("level",
                    each.level().name().toLowerCase(Locale.ROOT));
            each.alpha().ifPresent(alpha -> agreement.put("krippendorff_alpha", alpha));
            agreement.put("items", each.items()).put("votes", each.votes());
        }
        report.left().ifPresent(left -> json.set("left_side", share(left)));
        json.set("samples", samples(report, votes.votes()));
        return json;
    }

    private static ArrayNode judges(StudyReport report) {
        ArrayNode judges = JsonNodeFactory.instance.arrayNode();
        for (StudyReport.Judge each : report.judges()) {
            ObjectNode judge = judges.addObject().put("judge", each.name()).put("votes", each.votes())
                    .put("items", each.items()).put("checks", each.checks()).put("passed", each.passed())
                    .put("excluded", each.excluded());
            each.seconds().ifPresent(seconds -> judge.put("median_seconds", seconds));
        }
        return judges;
    }

    private static ArrayNode systems(StudyReport report) {
        ArrayNode systems = JsonNodeFactory.instance.arrayNode();
        for (StudyReport.SystemResult each : report.systems()) {
            ObjectNode system = systems.addObject().put("system", each.name()).put("votes", each.votes());
            if (report.plan().form().isPaired()) {
                system.put("wins", each.wins()).put("losses", each.losses()).put("ties", each.ties());
                if (each.wins() + each.losses() > 0) {
                    system.set("win_rate", share(new Share(each.wins(), each.wins() + each.losses())));
                }
            }
            each.score().ifPresent(score -> system.set("score", estimate(score)));
            each.sensible().ifPresent(share -> system.set("sensible", share(share)));
            each.specific().ifPresent(share -> system.set("specific", share(share)));
        }
        return systems;
    }

    private static ArrayNode pairs(StudyReport report) {
        ArrayNode pairs = JsonNodeFactory.instance.arrayNode();
        for (StudyReport.PairResult each : report.pairs()) {
            ObjectNode pair = pairs.addObject().put("a", each.a()).put("b", each.b());
            if (report.plan().form().isPaired()) {
                pair.put("wins", each.wins()).put("losses", each.losses()).put("ties", each.ties());
            }
            each.winRate().ifPresent(rate -> pair.set("win_rate", share(rate)));
            each.difference().ifPresent(difference -> pair.put("difference", difference));
            each.p().ifPresent(p -> pair.put("p", p));
            pair.put("significant", each.isSignificant());
            each.overContexts().ifPresent(over -> pair.set("over_contexts", comparison(over)));
            each.more().ifPresent(more -> pair.put("more_votes_needed", more));
        }
        return pairs;
    }

    private static ObjectNode comparison(StudyReport.OverContexts over) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("contexts", over.contexts()).put("difference",
                over.difference());
        json.set("ci", ci(over.interval()));
        return json.put("bootstrap_p", over.bootstrapP()).put("wilcoxon_p", over.wilcoxonP());
    }

    private static ObjectNode share(Share share) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("value", share.value());
        json.set("ci", ci(share.wilson()));
        json.set("exact_ci", ci(share.exact()));
        return json.put("of", share.whole());
    }

    private static ObjectNode estimate(Estimate estimate) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("value", estimate.value());
        json.set("ci", ci(estimate.interval()));
        return json;
    }

    private static ArrayNode ci(Interval interval) {
        return JsonNodeFactory.instance.arrayNode().add(interval.low()).add(interval.high());
    }

    private static ArrayNode samples(StudyReport report, List<Vote> votes) {
        Set<String> out = report.judges().stream().filter(StudyReport.Judge::excluded).map(StudyReport.Judge::name)
                .collect(Collectors.toSet());
        Map<String, List<Vote>> byItem = new HashMap<>();
        for (Vote vote : votes) {
            if (!out.contains(vote.judge())) byItem.computeIfAbsent(vote.item(), _ -> new ArrayList<>()).add(vote);
        }
        ArrayNode samples = JsonNodeFactory.instance.arrayNode();
        for (StudyItem item : report.plan().items()) {
            if (item.isCheck() || !byItem.containsKey(item.id()) || samples.size() == SAMPLES) continue;
            ObjectNode sample = samples.addObject().put("context", item.context());
            put(sample.putArray("before"), item.before());
            ArrayNode shown = sample.putArray("shown");
            for (StudyItem.Shown each : item.shown()) {
                put(shown.addObject().put("system", each.system()).putArray("said"), each.said());
            }
            ObjectNode counts = sample.putObject("answers");
            for (Vote vote : byItem.get(item.id())) {
                String told = item.preferred(vote.answer()).orElse(vote.answer());
                counts.put(told, counts.path(told).asInt() + 1);
            }
        }
        return samples;
    }

    private static void put(ArrayNode turns, List<Said> said) {
        said.forEach(turn -> turns.add(turn.text()));
    }
}
