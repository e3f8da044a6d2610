package io.retort.cli;

import io.retort.distill.SourceContext;
import io.retort.distill.SourceContexts;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.reply.ModelResponder;
import io.retort.reply.RankedReplies.StageTimes;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "reply", mixinStandardHelpOptions = true,
        description = "Times replies to real contexts out of an index, one context at a time, from text to text: "
                + "tokenising, encoding, searching. Every context is answered before, untimed, while the JVM compiles.")
final class BenchReplyCommand implements Callable<Integer> {
    private static final int MOST = 1_000_000;

    @Mixin
    private IndexModelOption model;
    @Mixin
    private SearchOptions search;
    @Mixin
    private Output output;

    @Option(names = {"-i", "--index"}, required = true, paramLabel = "FILE",
            description = "A response index.")
    private Path index;

    @Option(names = {"-c", "--contexts"}, required = true, paramLabel = "FILE",
            description = "Dialogues, a ranking test or distilled data, whose contexts are answered.")
    private Path contexts;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "1000",
            description = "The first contexts of the file that are taken. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--warm-up", paramLabel = "S", defaultValue = "5",
            description = "Seconds of untimed answers before, at least one to every context. Default: "
                    + "${DEFAULT-VALUE}.")
    private double warmUp;

    @Option(names = "--history", paramLabel = "N", defaultValue = "4",
            description = "Newest turns of a context that are read. Default: ${DEFAULT-VALUE}.")
    private int history;

    @Override
    public Integer call() throws IOException {
        if (limit < 1 || limit > MOST) throw BadInput.of("--limit " + limit, "use 1 to " + MOST);
        if (history < 1) throw BadInput.of("--history " + history, "use 1 or more");
        if (!(warmUp >= 0 && warmUp <= 3600)) throw BadInput.of("--warm-up " + warmUp, "use 0 to 3600 seconds");
        List<SourceContext> asked = SourceContexts.first(contexts, history, limit);
        ModelFolder folder = model.folder(Optional.of(index));
        try (Responder responder = ModelResponder.open(model.runtime(), folder, index, search.settings(Searches.MANY));
                ProgressLine progress = new ProgressLine("reply", "contexts")) {
            long until = System.nanoTime() + (long) (warmUp * TimeUnit.SECONDS.toNanos(1));
            do times(asked, responder, Progress.NONE); while (System.nanoTime() < until);
            print(folder, responder.size(), times(asked, responder, progress));
        }
        return 0;
    }

    private static List<StageTimes> times(List<SourceContext> asked, Responder responder, Progress progress) {
        List<StageTimes> times = new ArrayList<>();
        for (SourceContext context : asked) {
            times.add(responder.reply(context.context(), 1).times());
            progress.update(times.size(), asked.size());
        }
        return times;
    }

    private void print(ModelFolder folder, int replies, List<StageTimes> times) {
        Timings total = of(times, StageTimes::total);
        Map<String, Timings> stages = new LinkedHashMap<>();
        stages.put("tokenise", of(times, StageTimes::tokenise));
        stages.put("encode", of(times, StageTimes::encode));
        stages.put("search", of(times, StageTimes::search));
        if (!output.json) {
            output.line("reply out of " + replies + ", " + folder.name() + ", engine " + model.engine().name()
                    + ", threads " + model.threads.count() + ": " + total);
            stages.forEach((name, timings) -> output.line("  " + name + ": " + timings));
            return;
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        stages.forEach((name, timings) -> facts.put(name, timings.facts(Map.of())));
        facts.put("replies", replies);
        facts.put("threads", model.threads.count());
        facts.put("model", folder.name());
        facts.put("engine", model.engine().name());
        output.json(total.facts(facts));
    }

    private static Timings of(List<StageTimes> times, ToLongFunction<StageTimes> stage) {
        return new Timings(times.stream().mapToDouble(each -> stage.applyAsLong(each) / 1e6).toArray());
    }
}
