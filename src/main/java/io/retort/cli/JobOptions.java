package io.retort.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.JobEntry;
import io.retort.files.ResumableJob;
import io.retort.files.Sha256;
import io.retort.files.Tally;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A long job of a teacher: where its records go, and what is told of it. */
final class JobOptions {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOKENS = "tokens";

    @Option(names = {"-o", "--out"}, paramLabel = "FILE",
            description = "The JSONL file to write, gzipped if it ends in .gz. Killed and started again with the same "
                    + "arguments, the command goes on where it was. Without it records are printed.")
    private Path out;

    @Mixin
    private Output output;

    /** The work itself. */
    interface Work {
        /**
         * Does what is left.
         *
         * @param from   items that are done
         * @param tokens told of tokens as they are computed
         * @param done   told of each further item, in order
         */
        void run(long from, LongConsumer tokens, Consumer<JobEntry> done) throws IOException;
    }

    /**
     * What a job is.
     *
     * @param skipped what of the input makes no item
     */
    record Job(String name, String items, long total, Map<String, Object> settings, Consumer<ObjectNode> people,
            Tally skipped) {
        Job(String name, String items, long total, Map<String, Object> settings, Consumer<ObjectNode> people) {
            this(name, items, total, settings, people, new Tally());
        }
    }

    /** Digests of input files, in their order. */
    static List<String> digests(List<Path> files) throws IOException {
        List<String> digests = new ArrayList<>();
        for (Path file : files) digests.add(Sha256.of(file));
        return digests;
    }

    /** Those of a job's items that are left, from one to another of all. */
    static <T> Iterator<T> part(Iterator<T> all, long from, long to) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(all, Spliterator.ORDERED), false).limit(to)
                .skip(from).iterator();
    }

    static long limit(Long limit) {
        if (limit != null && limit < 1) throw BadInput.of("--limit " + limit, "use 1 or more");
        return limit == null ? Long.MAX_VALUE : limit;
    }

    int run(Job job, Work work) throws IOException {
        if (out == null) print(job, work);
        else write(job, work);
        return 0;
    }

    private void print(Job job, Work work) throws IOException {
        Tally tally = new Tally();
        long started = System.nanoTime();
        work.run(0, _ -> {}, entry -> {
            tally.add(entry.tally());
            entry.record().ifPresent(record -> {
                if (output.json) output.json(record);
                else job.people.accept(record);
            });
        });
        tally.add(job.skipped);
        System.err.println(summary(tally, tally, System.nanoTime() - started));
    }

    private void write(Job job, Work work) throws IOException {
        long started = System.nanoTime();
        try (ResumableJob resumable = ResumableJob.open(out, JSON.valueToTree(job.settings))) {
            boolean before = resumable.isFinished();
            long from = resumable.done();
            Tally done = new Tally();
            if (!before) {
                try (JobProgress progress = new JobProgress(job, from)) {
                    work.run(from, progress::tokens, entry -> {
                        resumable.add(entry);
                        done.add(entry.tally());
                        progress.item();
                    });
                }
                resumable.finish();
            }
            tell(new Tally().add(resumable.tally()).add(job.skipped), done,
                    before ? "finished before" : from > 0 ? "resumed at " + from : "",
                    System.nanoTime() - started);
        }
    }

    private void tell(Tally all, Tally now, String before, long nanos) {
        if (!output.json) {
            output.line(out + ": " + summary(all, now, nanos) + (before.isEmpty() ? "" : ", " + before));
            return;
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("out", out.toString());
        facts.putAll(all.counts());
        facts.put("seconds", nanos / 1e9);
        facts.put("tokens_per_s", now.of(TOKENS) / (nanos / 1e9));
        if (!before.isEmpty()) facts.put("note", before);
        output.json(facts);
    }

    private static String summary(Tally all, Tally now, long nanos) {
        List<String> parts = new ArrayList<>();
        all.counts().forEach((name, count) -> parts.add(String.format(Locale.ROOT, "%,d %s", count,
                name.replace('_', ' '))));
        parts.add(String.format(Locale.ROOT, "%.1f s (%,.0f tokens/s)", nanos / 1e9, now.of(TOKENS) / (nanos / 1e9)));
        return String.join(", ", parts);
    }
}
