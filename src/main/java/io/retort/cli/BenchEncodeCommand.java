package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.RetrievalModel;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "encode", mixinStandardHelpOptions = true,
        description = "Times encoding contexts, from token ids to vectors, as an answer does it. Ids are random, "
                + "lengths exact.")
final class BenchEncodeCommand implements Callable<Integer> {
    @Mixin
    private ModelOption model;
    @Mixin
    private BatchOptions texts;
    @Mixin
    private RunOptions runs;
    @Mixin
    private Output output;

    @Override
    public Integer call() throws IOException {
        ModelFolder folder = model.folder();
        texts.check(folder.config());
        Engine engine = model.engine();
        try (RetrievalModel encoder = folder.load(engine)) {
            if (!encoder.config().form().contextVectors().isEmpty()) {
                throw BadInput.of("a " + encoder.config().form().kind().name()
                        + " has no single vector for a context", "use a bi-encoder");
            }
            List<int[]> ids = texts.next(folder.config().encoder().vocabulary());
            print(folder, engine, runs.time("encode", () -> encoder.encodeContexts(ids, Progress.NONE)));
        }
        return 0;
    }

    private void print(ModelFolder folder, Engine engine, Timings timings) {
        if (!output.json) {
            output.line("encode " + texts + ", " + folder.name() + ", engine " + engine.name() + ", threads "
                    + model.threads.count() + ": " + timings);
            return;
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("texts_per_second", 1e3 * texts.batch / timings.median());
        facts.put("batch", texts.batch);
        facts.put("length", texts.length);
        facts.put("threads", model.threads.count());
        facts.put("model", folder.name());
        facts.put("engine", engine.name());
        output.json(timings.facts(facts));
    }
}
