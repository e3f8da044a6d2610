package io.retort.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.eval.TeachersReplies;
import io.retort.experiment.ReportTable;
import io.retort.files.BadInput;
import io.retort.model.BundledFiles;
import io.retort.model.ModelFolder;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.model.ModelHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "demo", mixinStandardHelpOptions = true, description = {
    "The whole of Retort in a few minutes: from contexts and replies that a language model wrote and scored, which come with "
            + "Retort, trains one encoder without the teacher (baseline) and one with it (g2r-dm), compares them on contexts "
            + "that neither has seen, and opens a chat with the better one.",
    "Stopped and started again, it goes on where it was; done once, it shows what it found. For a chat with a student that was "
            + "trained longer, on more: `retort chat`."})
final class DemoCommand implements Callable<Integer> {
    private static final List<String> METHODS = List.of("baseline", "g2r-dm-mi");

    @Mixin
    private ThreadOption threads;
    @Mixin
    private SearchOptions search;
    @Mixin
    private Output output;

    @Option(names = "--quick", description = "Fewer steps and contexts: under two minutes on two cores.")
    private boolean quick;

    @Option(names = "--no-chat", description = "Stop after the comparison.")
    private boolean noChat;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR",
            description = "Where models and report are kept. Default: a folder of Retort's own.")
    private Path out;

    @Override
    public Integer call() throws Exception {
        if (output.json && !noChat) throw BadInput.of("--json with a chat", "add --no-chat");
        Path data = BundledFiles.own().folder(BundledFiles.DEMO);
        Path folder = out != null ? out : ModelHome.root().resolve("demo").resolve(quick ? "quick" : "full");
        ExperimentOptions.Effective effective = ExperimentOptions.of(ConfigFile.ofRun(folder, settings(data)),
                List.of());
        System.err.println("retort: training " + String.join(" and ", METHODS) + " in " + folder);
        Optional<ObjectNode> found = new ExperimentJob(effective.options(), effective.config(), folder).run();
        if (found.isEmpty()) return 1;
        ObjectNode report = found.get();
        ModelOption models = effective.options().train.model();
        report.set("picks", picks(models, folder, data));
        if (output.json) {
            output.json(report);
            return 0;
        }
        show(report, folder);
        if (!noChat) chat(models, ModelFolder.open(cell(folder, better(report))));
        return 0;
    }

    private ObjectNode settings(Path data) {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        settings.putArray("data").add(data.resolve("train.jsonl.gz").toString());
        settings.putArray("tests").add(data.resolve("test.jsonl.gz").toString());
        settings.put("contexts", data.resolve("held-out.jsonl.gz").toString());
        METHODS.forEach(settings.putArray("methods")::add);
        settings.putArray("seeds").add(1);
        settings.put("form", "tied").put("context-tokens", 64).put("reply-tokens", 32).put("dropout", 0);
        settings.put("batch", 16).put("candidates", 4).put("in-batch", true).put("negatives", 32);
        settings.put("alpha", 0.5).put("temperature", 0.5).put("learning-rate", 5e-5).put("warmup", 10);
        settings.put("steps", quick ? 40 : 240).put("validate-every", 0).put("threads", threads.count());
        settings.put("most-contexts", 100).put("samples", 5);
        return settings;
    }

    private static Path cell(Path folder, String method) {
        return folder.resolve("cells").resolve(method + "-seed-1");
    }

    /** What the teacher thinks of the models' choices among its own replies. */
    private static ObjectNode picks(ModelOption models, Path folder, Path data) throws IOException {
        TeachersReplies replies = TeachersReplies.read(data.resolve("held-out.jsonl.gz"));
        ObjectNode picks = JsonNodeFactory.instance.objectNode();
        picks.set("at random", json(replies.mean()));
        picks.set("zero-shot", json(replies.pickedBy(models.folder(), models.engine())));
        for (String method : METHODS) {
            picks.set(method, json(replies.pickedBy(ModelFolder.open(cell(folder, method)), models.engine())));
        }
        return picks;
    }

    private static ObjectNode json(TeachersReplies.Scores scores) {
        return JsonNodeFactory.instance.objectNode().put("ll", scores.ll()).put("mi", scores.mi());
    }

    private void show(ObjectNode report, Path folder) {
        output.line("");
        ReportTable.lines(report).forEach(output::line);
        output.line("");
        output.line(
                "Of the teacher's own replies to a context, each model picks one. The teacher's mean scores of the picks:");
        for (Map.Entry<String, JsonNode> pick : report.get("picks").properties()) {
            output.line(String.format(Locale.ROOT, "  %-10s  LL %6.3f  MI %6.3f", pick.getKey(),
                    pick.getValue().get("ll").asDouble(), pick.getValue().get("mi").asDouble()));
        }
        output.line("");
        for (JsonNode sample : report.get("samples")) {
            sample.get("context").forEach(turn -> output.line("  - " + turn.asText()));
            for (String method : METHODS) {
                output.line(String.format(Locale.ROOT, "  = %-10s %s", method,
                        sample.at("/replies/" + method).asText()));
            }
        }
        output.line("");
        output.line("Everything, with intervals: " + folder.resolve("report.html"));
    }

    /** The method that ranks better; the later one of equals. */
    private static String better(ObjectNode report) {
        String best = METHODS.getFirst();
        double highest = 0;
        for (JsonNode method : report.get("methods")) {
            String name = method.get("method").asText();
            if (!METHODS.contains(name)) continue;
            double hits = StreamSupport.stream(method.get("tests").spliterator(), false)
                    .mapToDouble(test -> test.at("/hits@1/value").asDouble()).average().orElseThrow();
            if (hits >= highest) {
                best = name;
                highest = hits;
            }
        }
        return best;
    }

    private void chat(ModelOption models, ModelFolder folder) throws IOException {
        Path file = AnswerOptions.bundled(models, folder, folder.path().resolveSibling(folder.name() + ".index"));
        try (Responder responder = Responder.open(models.runtime(), folder, file, search.settings(Searches.MANY))) {
            output.line("Your turn: " + folder.name() + " answers out of " + responder.size() + " replies.");
            new Conversation(responder.session()).run();
        }
    }
}
