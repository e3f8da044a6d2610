package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.retort.dialogue.RecordFile;
import io.retort.distill.EffortListener;
import io.retort.distill.GeneratedRecord;
import io.retort.files.Counters;
import io.retort.files.ResumableJob;
import io.retort.files.Sha256;
import io.retort.generate.ReplyCleaning;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;

/**
 * A long job of a teacher, one record at most for each item of its input: into a file, resumable, or only told.
 *
 * @param format  of the records
 * @param total   items of the input
 * @param skipped what of the input makes no item
 * @param run     everything that decides the output, as plain values
 * @param <R>     what a record is
 */
record TeacherRecords<R>(RecordFile<R> format, long total, Counters skipped, Map<String, Object> run) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOKENS = "tokens";

    /** The work of a job, which makes the records. */
    interface Work<R> {
        /**
         * Does the part of the work that is left.
         *
         * @param from   items that are done
         * @param effort told of tokens as they are computed, and of the parts of items that are done
         * @param done   told of each further item, in order
         */
        void run(long from, EffortListener effort, Consumer<GeneratedRecord<R>> done) throws IOException;
    }

    /** Computes the digests of input files, in their order. */
    static List<String> digests(List<Path> files) throws IOException {
        List<String> digests = new ArrayList<>();
        for (Path file : files) digests.add(Sha256.of(file));
        return digests;
    }

    /**
     * The rules by which the replies of a job are cleaned: those that its output was begun with, or the newest.
     *
     * @param place where a run tells of them, as a JSON pointer
     */
    static ReplyCleaning cleaning(Optional<Path> out, String place, RecordsListener<?> listener) throws IOException {
        Optional<JsonNode> begun = out.isPresent() ? ResumableJob.begun(out.get()) : Optional.empty();
        JsonNode told = begun.map(run -> run.at(place)).orElseGet(MissingNode::getInstance);
        if (!told.isObject()) return ReplyCleaning.standard();
        ReplyCleaning cleaning = Provenance.cleaning(told);
        if (cleaning.edition() < ReplyCleaning.NEWEST_EDITION) {
            listener.noted(
                    "%s was begun with edition %d of the rules that clean replies, and keeps to it; edition %d cleans a new file"
                            .formatted(out.get(), cleaning.edition(), ReplyCleaning.NEWEST_EDITION));
        }
        return cleaning;
    }

    /** The items of a job from number {@code from} to before number {@code to}. */
    static <T> Iterator<T> part(Iterator<T> all, long from, long to) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(all, Spliterator.ORDERED), false).limit(to)
                .skip(from).iterator();
    }

    /** Runs the work and writes its records to the file, or only tells the listener of them where there is none. */
    RecordsResult into(Optional<Path> out, RecordsListener<R> listener, Work<R> work) throws IOException {
        return out.isPresent() ? write(out.get(), listener, work) : tell(listener, work);
    }

    private RecordsResult tell(RecordsListener<R> listener, Work<R> work) throws IOException {
        Counters tally = new Counters();
        long started = System.nanoTime();
        long[] items = new long[1];
        work.run(0, effort(listener, 0), made -> {
            tally.add(made.tally());
            made.record().ifPresent(listener::made);
            listener.progress(++items[0], total);
        });
        long tokens = tally.of(TOKENS);
        return new RecordsResult(Optional.empty(), tally.add(skipped).counts(), false, 0, tokens, since(started));
    }

    private RecordsResult write(Path out, RecordsListener<R> listener, Work<R> work) throws IOException {
        long started = System.nanoTime();
        try (ResumableJob resumable = ResumableJob.open(out, JSON.valueToTree(run))) {
            boolean before = resumable.isFinished();
            long from = resumable.done();
            Counters now = new Counters();
            if (!before) {
                listener.progress(from, total);
                work.run(from, effort(listener, from), made -> {
                    resumable.add(made.entry(format));
                    now.add(made.tally());
                    made.record().ifPresent(listener::made);
                    listener.progress(resumable.done(), total);
                });
                resumable.finish();
            }
            return new RecordsResult(Optional.of(out), new Counters().add(resumable.tally()).add(skipped).counts(),
                    before, from, now.of(TOKENS), since(started));
        }
    }

    /** Tells the listener of a job what its work costs, which began after some items. */
    private EffortListener effort(RecordsListener<R> listener, long from) {
        return new EffortListener() {
            @Override
            public void tokens(long more) {
                listener.tokens(more);
            }

            @Override
            public void worth(double items) {
                listener.effort(from + items, total);
            }
        };
    }

    private static Duration since(long started) {
        return Duration.ofNanos(System.nanoTime() - started);
    }
}
