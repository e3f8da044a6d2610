package io.retort.cli;

import io.retort.model.ModelFolder;
import io.retort.model.RetrievalModel;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexedReplies;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "index", mixinStandardHelpOptions = true,
        description = "Encodes replies into a response index. Killed and started again with the same arguments, "
                + "it goes on where it was.")
final class IndexCommand implements Callable<Integer> {
    @Mixin
    private ModelOption model;
    @Mixin
    private DataOptions data;
    @Mixin
    private Output output;

    @Option(names = {"-o", "--out"}, required = true, paramLabel = "FILE", description = "The index to write.")
    private Path out;

    @Option(names = "--metric", paramLabel = "NAME", defaultValue = "inner-product",
            description = "inner-product or cosine. Models with cosine similarity make vectors of length 1: both "
                    + "are the same then. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String metric;

    @Override
    public Integer call() throws IOException {
        long started = System.nanoTime();
        Metric chosen = metric();
        ModelFolder folder = model.folder();
        IndexedReplies replies = data.read();
        int resumed;
        try (RetrievalModel loaded = model.load(folder); ProgressLine progress = new ProgressLine("index", "replies")) {
            IndexBuilder builder = new IndexBuilder(loaded, folder.name(), new ModelFingerprint(folder.fingerprint()),
                    chosen);
            resumed = builder.build(replies, out, progress);
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        long bytes = Files.size(out);
        if (output.json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("index", out.toString());
            result.put("replies", replies.size());
            result.put("resumed_at", resumed);
            result.put("bytes", bytes);
            result.put("seconds", seconds);
            output.json(result);
        } else {
            output.line(String.format(Locale.ROOT, "%s: %,d replies, %.1f MB, %.1f s (%,.0f replies/s)%s", out,
                    replies.size(), bytes / 1e6, seconds,
                    (replies.size() - resumed) / seconds, resumed > 0 ? ", resumed at " + resumed : ""));
        }
        return 0;
    }

    private Metric metric() {
        return switch (metric.toLowerCase(Locale.ROOT)) {
            case "inner-product", "ip", "dot" -> Metric.INNER_PRODUCT;
            case "cosine" -> Metric.COSINE;
            default -> throw io.retort.files.BadInput.of("--metric " + metric, "use inner-product or cosine");
        };
    }
}
