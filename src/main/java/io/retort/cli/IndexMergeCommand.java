package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.search.IndexMerge;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "merge", mixinStandardHelpOptions = true, description = {
    "Makes one index of several that the same model made; nothing is encoded. Rows come in the order of the indexes. A "
            + "reply that comes again, in whatever spelling, is left out; it lends its metadata to the first if that "
            + "has none.",
    "Killed and started again with the same arguments, it goes on where it was."},
        footer = {"", "Say:  retort index merge talks.index others.index --out all.index"})
final class IndexMergeCommand implements Callable<Integer> {
    @Mixin
    private ThreadOption threads;
    @Mixin
    private Output output;

    @Parameters(arity = "1..*", paramLabel = "INDEX", description = "Two or more indexes.")
    private List<Path> indexes;

    @Option(names = {"-o", "--out"}, required = true, paramLabel = "FILE",
            description = "The index to write, which may be one of them.")
    private Path out;

    @Option(names = "--force", description = "Replace a file that is none of the indexes.")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        if (indexes.size() < 2) throw BadInput.in(indexes.getFirst(), "is the only index", "name two or more");
        long started = System.nanoTime();
        IndexMerge.Result merged;
        StatusLine status = new StatusLine();
        try (WorkerPool pool = threads.pool();
                ProgressLine progress = new ProgressLine("merge", "replies", status).begun();
                Interruption _ = Interruption.keeping(status)) {
            merged = IndexMerge.merge(indexes, out, pool, progress, this::requireReplaceable);
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        if (output.json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("index", out.toString());
            facts.put("replies", merged.replies());
            facts.put("duplicates", merged.duplicates());
            facts.put("resumed_at", merged.resumedAt());
            facts.put("bytes", Files.size(out));
            facts.put("seconds", seconds);
            output.json(facts);
        } else {
            output.line(String.format(Locale.ROOT, "%s: %,d replies, %,d left out that came again, %.1f MB, %.1f s%s",
                    out, merged.replies(), merged.duplicates(), Files.size(out) / 1e6, seconds,
                    merged.resumedAt() > 0 ? ", resumed at " + merged.resumedAt() : ""));
        }
        return 0;
    }

    private void requireReplaceable() throws IOException {
        if (force || !Files.isRegularFile(out)) return;
        for (Path index : indexes) if (Files.exists(index) && Files.isSameFile(index, out)) return;
        String holds = "is there already, and is none of the indexes";
        if (!IndexCommand.mayReplace(out, holds)) throw BadInput.in(out, holds, "name another file, or add --force");
    }
}
