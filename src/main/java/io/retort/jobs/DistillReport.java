package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.distill.SourceContext;
import io.retort.distill.SourceContexts;
import io.retort.eval.Estimate;
import io.retort.eval.MetricShare;
import io.retort.eval.PairedComparison;
import io.retort.eval.RankingRun;
import io.retort.files.Progress;
import io.retort.files.RetortVersion;
import io.retort.graph.ComputeRuntime;
import io.retort.learn.TrainingMethod;
import io.retort.reply.ModelResponder;
import io.retort.reply.RankedReply;
import io.retort.retrieval.RetrievalModel;
import io.retort.store.BotFolder;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Measures a bot and the model that its student began from, and puts together the numbers of its report.
 *
 * @param settings effective, of the distillation
 * @param split    what the dialogues became
 * @param teacher  its name; empty if there is none
 * @param method   by which the student was trained
 * @param folder   of the bot
 */
record DistillReport(ObjectNode settings, TalkSplit split, String teacher, TrainingMethod method,
        DistillFolder folder) {
    /** The metrics that are shown. */
    static final List<String> METRICS = List.of("hits@1", "mrr");
    /** Cases below which a figure says little, whatever it is. */
    static final int FEW = 100;
    private static final long SEED = 20210812;

    /**
     * Measures, answers, and makes the whole report.
     *
     * @param base     what the student began from
     * @param samples  answers that are shown, at most
     * @param progress counts the texts that are encoded
     */
    ObjectNode json(BotFolder bot, ModelFolder base, int samples, ComputeRuntime runtime, Progress progress)
            throws IOException {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("made_by", RetortVersion.NAME);
        ObjectNode data = root.putObject("data");
        data.setAll(split.json());
        root.put("teacher", teacher);
        root.putObject("student").put("base", base.name()).put("method", method.toString())
                .put("fingerprint", bot.model().fingerprint());
        root.putObject("index").put("replies", count(DistillStage.INDEX, "replies"));
        if (split.cases() > 0) root.set("quality", quality(bot.model(), base, runtime, progress));
        ArrayNode costs = root.putArray("costs");
        for (DistillStage stage : DistillStage.values()) {
            folder.cost(stage).ifPresent(cost -> {
                ObjectNode told = costs.addObject().put("stage", stage.toString()).put("seconds", cost.seconds());
                cost.counts().forEach(told::put);
            });
        }
        root.put("samples_held_out", split.cases() > 0);
        root.set("samples", samples(bot, samples, runtime));
        root.set("settings", settings);
        return root;
    }

    private long count(DistillStage stage, String name) {
        return folder.cost(stage).map(cost -> cost.count(name)).orElse(0L);
    }

    private ObjectNode quality(ModelFolder student, ModelFolder base, ComputeRuntime runtime, Progress progress)
            throws IOException {
        List<RankingCase> cases = RankingFile.FORMAT.readAll(folder.resolve(TalkSplit.TEST));
        Measurement.CaseResults before = results(base, cases, runtime, progress),
                after = results(student, cases, runtime, progress);
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("cases", cases.size())
                .put("candidates", split.candidates());
        for (String metric : METRICS) {
            if (!after.shares().containsKey(metric)) continue;
            ObjectNode own = root.putObject(metric);
            own.set("before", json(MetricShare.estimate(before.shares().get(metric), SEED)));
            own.set("after", json(MetricShare.estimate(after.shares().get(metric), SEED)));
            PairedComparison found = PairedComparison.ofShares(after.shares().get(metric),
                    before.shares().get(metric), SEED);
            own.put("difference", found.difference()).put("significant", found.isSignificant());
        }
        return root;
    }

    private static Measurement.CaseResults results(ModelFolder folder, List<RankingCase> cases,
            ComputeRuntime runtime, Progress progress) throws IOException {
        try (RetrievalModel model = folder.load(runtime.engine())) {
            return Measurement.CaseResults.of(RankingRun.of(model, cases, progress).scored());
        }
    }

    private static ObjectNode json(Estimate estimate) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("value", estimate.value());
        node.putArray("ci").add(estimate.interval().low()).add(estimate.interval().high());
        return node;
    }

    /** What the bot answers to the first contexts of different dialogues. */
    private ArrayNode samples(BotFolder bot, int most, ComputeRuntime runtime) throws IOException {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        List<SourceContext> contexts = contexts(most);
        if (contexts.isEmpty()) return all;
        try (ModelResponder responder = ModelResponder.open(runtime, bot.model(), bot.index())) {
            for (SourceContext context : contexts) {
                RankedReply answer = responder.reply(context.context(), 1).best();
                ObjectNode sample = all.addObject();
                context.context().turns().forEach(sample.putArray("context")::add);
                sample.put("person", context.originals().getFirst()).put("answer", answer.text())
                        .put("score", answer.score());
            }
        }
        return all;
    }

    private List<SourceContext> contexts(int most) throws IOException {
        Path file = folder.resolve(split.cases() > 0 ? TalkSplit.TEST : TalkSplit.LEARNED);
        List<SourceContext> chosen = new ArrayList<>();
        String last = "";
        try (SourceContexts all = new SourceContexts(List.of(file), Exchanges.standard()
                .withHistory(settings.path("train-history").asInt(1)))) {
            while (chosen.size() < most && all.hasNext()) {
                SourceContext next = all.next();
                String dialogue = next.id().substring(0, next.id().lastIndexOf('#'));
                if (!dialogue.equals(last)) chosen.add(next);
                last = dialogue;
            }
        }
        return chosen;
    }

    // ---- the report in words

    /** Returns the report in lines for a terminal. */
    static List<String> lines(JsonNode report) {
        List<String> lines = new ArrayList<>();
        lines.add(head(report));
        JsonNode quality = report.path("quality");
        if (quality.isObject()) {
            lines.add("");
            lines.add(String.format(Locale.ROOT, "%-8s %8s %8s   %s", "", "before", "after", quality(quality)));
            for (String metric : METRICS) {
                JsonNode own = quality.path(metric);
                if (!own.isObject()) continue;
                lines.add(String.format(Locale.ROOT, "%-8s %8.3f %8.3f   %s", metric,
                        own.at("/before/value").asDouble(), own.at("/after/value").asDouble(), verdict(own)));
            }
        }
        warning(report).ifPresent(lines::add);
        lines.add("");
        costs(report).forEach((stage, cost) -> lines.add(String.format(Locale.ROOT, "%-8s %s", stage, cost)));
        if (report.path("samples").isEmpty()) return lines;
        lines.add("");
        lines.add(samplesTitle(report));
        for (JsonNode sample : report.path("samples")) {
            JsonNode context = sample.path("context");
            lines.add("  - " + context.path(context.size() - 1).asText());
            lines.add("  = " + sample.path("answer").asText());
        }
        return lines;
    }

    /** Says what was made of what. */
    static String head(JsonNode report) {
        String teacher = report.path("teacher").asText();
        return String.format(Locale.ROOT, "%,d replies to answer with; %s learned from %,d contexts of %,d dialogues%s",
                report.at("/index/replies").asLong(), report.at("/student/base").asText(),
                report.at("/data/contexts").asLong(),
                report.at("/data/dialogues").asLong() - report.at("/data/held_out").asLong()
                        - report.at("/data/validating").asLong(),
                (teacher.isEmpty() ? ", without a teacher" : " and from " + teacher)
                        + " (" + report.at("/student/method").asText() + ").");
    }

    /** Says what was ranked. */
    static String quality(JsonNode quality) {
        return String.format(Locale.ROOT, "%,d held-out contexts, the person's reply among %d",
                quality.path("cases").asLong(), quality.path("candidates").asLong());
    }

    /** Says whether a difference means something. */
    static String verdict(JsonNode own) {
        return String.format(Locale.ROOT, "%+.3f, %s", own.path("difference").asDouble(),
                own.path("significant").asBoolean() ? "more than chance" : "may be chance");
    }

    /** What a reader should know before believing the figures. */
    static Optional<String> warning(JsonNode report) {
        if (!report.path("quality").isObject()) {
            return Optional.of("Not measured: no dialogues were held out.");
        }
        return report.at("/quality/cases").asLong() >= FEW
                ? Optional.empty()
                : Optional.of("Fewer than " + FEW + " contexts: take these figures as a hint.");
    }

    static String samplesTitle(JsonNode report) {
        return report.path("samples_held_out").asBoolean()
                ? "Answers to contexts of held-out dialogues:"
                : "Answers to contexts that it learned from, for none were held out:";
    }

    /** What each stage took, in words. */
    static SequencedMap<String, String> costs(JsonNode report) {
        SequencedMap<String, String> costs = new LinkedHashMap<>();
        double all = 0;
        for (JsonNode cost : report.path("costs")) {
            double seconds = cost.path("seconds").asDouble();
            all += seconds;
            StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%,.0f s", seconds));
            for (Map.Entry<String, JsonNode> count : cost.properties()) {
                if (!List.of("contexts", "replies", "candidates", "tokens", "steps", "dialogues", "held_out")
                        .contains(count.getKey())) {
                    continue;
                }
                text.append(String.format(Locale.ROOT, ", %,d %s", count.getValue().asLong(),
                        count.getKey().replace('_', ' ')));
            }
            costs.put(cost.path("stage").asText(), text.toString());
        }
        costs.put("all", String.format(Locale.ROOT, "%,.0f s", all));
        return costs;
    }
}
