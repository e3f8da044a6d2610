package io.retort.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.eval.ScoredReplies;
import io.retort.fetch.BundledFiles;
import io.retort.fetch.ModelHome;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.graph.ComputeRuntime;
import io.retort.jobs.ComparedMethod;
import io.retort.jobs.ExperimentJob;
import io.retort.jobs.ExperimentSettings;
import io.retort.jobs.OptimizerSettings.Curve;
import io.retort.jobs.TrainSettings;
import io.retort.reply.ModelResponder;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.reply.ResponsePolicy;
import io.retort.runtime.RuntimeSettings;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
    private static final List<ComparedMethod> METHODS = List.of(ComparedMethod.BASELINE, ComparedMethod.G2R_DM_MI);

    @Mixin
    private ThreadOption threads;
    @Mixin
    private SearchOptions search;
    @Mixin
    private Output output;

    @Option(names = "--quick", description = "Fewer steps and contexts: a few minutes on two cores.")
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
        ExperimentSettings settings = settings(data);
        ComputeRuntime runtime = CommandRuntime.of(RuntimeSettings.defaults().withThreads(threads.count()));
        System.err.println("retort: training " + METHODS.stream().map(ComparedMethod::toString)
                .collect(Collectors.joining(" and ")) + " in " + folder);
        Optional<ExperimentJob.Result> found = ExperimentProgress.watched(new ExperimentJob(settings, folder), runtime);
        if (found.isEmpty()) return 1;
        ObjectNode report = ExperimentProgress.report(found.get());
        report.set("picks", picks(settings, runtime, folder, data));
        if (output.json) {
            output.json(report);
            return 0;
        }
        show(found.get().summary(), report, folder);
        if (!noChat) chat(runtime, ModelFolder.open(cell(folder, better(report))));
        return 0;
    }

    private ExperimentSettings settings(Path data) {
        TrainSettings usual = TrainSettings.defaults();
        TrainSettings train = usual.withData(usual.data().of(data.resolve("train.jsonl.gz")))
                .withStudent(usual.student().withForm(TrainSettings.Student.Form.TIED).withTokens(64, 32)
                        .withDropout(0).withDistillation(0.5, 0.5))
                .withBatches(usual.batches().withSize(16, 4).withNegatives(32, true, 0))
                .withOptimizer(usual.optimizer().withLearningRate(5e-5).withSchedule(Curve.LINEAR, 10))
                .withLoop(usual.loop().withSteps(quick ? 40 : 240).withValidateEvery(0));
        return ExperimentSettings.defaults().withTrain(train).withGrid(METHODS, List.of(1L))
                .withTests(List.of(data.resolve("test.jsonl.gz")))
                .withContexts(data.resolve("held-out.jsonl.gz"), 100).withSamples(5);
    }

    private static Path cell(Path folder, ComparedMethod method) {
        return folder.resolve("cells").resolve(method + "-seed-1");
    }

    /** Measures what the teacher thinks of the models' choices among its own replies. */
    private static ObjectNode picks(ExperimentSettings settings, ComputeRuntime runtime, Path folder, Path data)
            throws IOException {
        ScoredReplies replies = ScoredReplies.read(data.resolve("held-out.jsonl.gz"));
        ObjectNode picks = JsonNodeFactory.instance.objectNode();
        picks.set("at random", json(replies.mean()));
        picks.set("zero-shot", json(replies.pickedBy(ModelLookup.find(settings.train().model(), _ -> {}),
                runtime.engine())));
        for (ComparedMethod method : METHODS) {
            picks.set(method.toString(),
                    json(replies.pickedBy(ModelFolder.open(cell(folder, method)), runtime.engine())));
        }
        return picks;
    }

    private static ObjectNode json(ScoredReplies.Scores scores) {
        return JsonNodeFactory.instance.objectNode().put("ll", scores.ll()).put("mi", scores.mi());
    }

    private void show(List<String> summary, ObjectNode report, Path folder) {
        output.line("");
        summary.forEach(output::line);
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
            for (ComparedMethod method : METHODS) {
                output.line(String.format(Locale.ROOT, "  = %-10s %s", method,
                        sample.at("/replies/" + method).asText()));
            }
        }
        output.line("");
        output.line("Everything, with intervals: " + folder.resolve("report.html"));
    }

    /** The method that ranks better; the later one of equals. */
    private static ComparedMethod better(ObjectNode report) {
        ComparedMethod best = METHODS.getFirst();
        double highest = 0;
        for (JsonNode method : report.get("methods")) {
            Optional<ComparedMethod> trained = METHODS.stream()
                    .filter(each -> each.toString().equals(method.get("method").asText())).findFirst();
            if (trained.isEmpty()) continue;
            double hits = StreamSupport.stream(method.get("tests").spliterator(), false)
                    .mapToDouble(test -> test.at("/hits@1/value").asDouble()).average().orElseThrow();
            if (hits >= highest) {
                best = trained.get();
                highest = hits;
            }
        }
        return best;
    }

    private void chat(ComputeRuntime runtime, ModelFolder folder) throws IOException {
        Path file = AnswerOptions.bundled(runtime, folder, folder.path().resolveSibling(folder.name() + ".index"));
        try (Responder responder = ModelResponder.open(runtime, folder, file, search.settings(Searches.TALK))) {
            new Conversation(responder.session(responder.usualHistory(), ResponsePolicy.of(folder.path())),
                    "Your turn: " + folder.name() + " answers out of " + responder.size() + " replies.").run();
        }
    }
}
