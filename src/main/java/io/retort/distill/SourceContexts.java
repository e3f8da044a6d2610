package io.retort.distill;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.Exchange;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.Origin;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.Response;
import io.retort.files.BadInput;
import io.retort.files.Counters;
import io.retort.ingest.ReadingReport;
import io.retort.ingest.ReadingSettings;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import it.unimi.dsi.fastutil.HashCommon;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import it.unimi.dsi.fastutil.longs.LongSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.stream.Stream;

/**
 * The contexts of files, one at a time, in bounded memory: every turn of a dialogue but its first is the answer to one;
 * ranking tests and distilled data hold them as they are. Turns of one speaker in a row count as one. One thread; close
 * after use.
 *
 * <p>{@code next()} and {@code hasNext()} throw {@link BadInput} for whatever is wrong with a file.
 */
public final class SourceContexts implements Iterator<SourceContext>, AutoCloseable {
    private final Iterator<Path> files;
    private final Exchanges exchanges;
    private final Queue<SourceContext> ready = new ArrayDeque<>();
    private final ReadingSettings reading;
    private final List<ReadingReport> reports = new ArrayList<>();
    private SourceReader<?> reader;
    private Path file;
    private long withoutReply;

    /**
     * @param exchanges how contexts are cut out of dialogues
     */
    public SourceContexts(List<Path> files, Exchanges exchanges) {
        this(files, exchanges, ReadingSettings.defaults());
    }

    /**
     * @param exchanges how contexts are cut out of dialogues
     * @param reading   how files of dialogues are read
     */
    public SourceContexts(List<Path> files, Exchanges exchanges, ReadingSettings reading) {
        this.files = files.iterator();
        this.exchanges = exchanges;
        this.reading = reading;
    }

    /** Name of the counter of dialogues that hold no reply, since they have one turn or one speaker alone. */
    public static final String WITHOUT_REPLY = "dialogues_without_reply";

    /**
     * Number of contexts in files, and what was skipped in them.
     *
     * @param contexts how many
     * @param skipped  what holds none, for the summary of a job
     * @param reports  what each file was taken for
     */
    public record Census(long contexts, Counters skipped, List<ReadingReport> reports) {
        public Census {
            reports = List.copyOf(reports);
        }
    }

    /**
     * Reads files through, up to so many contexts, so that what is wrong with them shows before long work begins.
     *
     * @throws BadInput if there is no context, or one id twice: what a context is given depends on its id
     */
    public static Census census(List<Path> files, Exchanges exchanges, long limit) {
        return census(files, exchanges, limit, ReadingSettings.defaults());
    }

    /**
     * As {@link #census(List, Exchanges, long)}.
     *
     * @param reading how files of dialogues are read
     */
    public static Census census(List<Path> files, Exchanges exchanges, long limit, ReadingSettings reading) {
        LongSet ids = new LongOpenHashSet();
        long count = 0;
        try (SourceContexts all = new SourceContexts(files, exchanges, reading)) {
            for (; count < limit && all.hasNext(); count++) {
                String id = all.next().id();
                if (!ids.add(hash(id))) {
                    throw BadInput.in(all.file, "has a context whose id `" + id + "` occurs twice",
                            "give every dialogue an id of its own, in all files together, or set \"columns\" to id=- for new ones");
                }
            }
            if (count == 0) {
                throw BadInput.in(files.getFirst(), "has no context with a reply",
                        "give dialogues of two turns or more, of two speakers");
            }
            return new Census(count, new Counters().add(WITHOUT_REPLY, all.withoutReply), all.reports());
        }
    }

    /**
     * Reads the first contexts of a file, cutting each to its newest turns.
     *
     * @param turns of a context, at most
     * @param most  contexts
     * @throws BadInput as of {@link #census}
     */
    public static List<SourceContext> first(Path file, int turns, int most) {
        Exchanges exchanges = Exchanges.standard().withHistory(turns);
        census(List.of(file), exchanges, most);
        List<SourceContext> first = new ArrayList<>();
        try (SourceContexts all = new SourceContexts(List.of(file), exchanges)) {
            while (first.size() < most && all.hasNext()) {
                SourceContext next = all.next();
                first.add(new SourceContext(next.id(), next.context().latest(turns), next.originals()));
            }
        }
        return first;
    }

    /** A 64-bit hash of an id, kept in its place since the ids themselves may be too many for the memory. */
    private static long hash(String id) {
        long hash = 0;
        for (int i = 0; i < id.length(); i++) hash = HashCommon.murmurHash3(hash + id.charAt(i) + 1);
        return hash;
    }

    /** What each file was taken for, as far as it has been read. */
    public List<ReadingReport> reports() {
        List<ReadingReport> all = new ArrayList<>(reports);
        if (reader != null) all.add(reader.report());
        return all;
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty()) {
            if (reader != null && reader.hasNext()) {
                contexts(reader.next()).forEach(ready::add);
                if (ready.isEmpty()) withoutReply++;
            } else {
                close();
                if (!files.hasNext()) return false;
                open(files.next());
            }
        }
        return true;
    }

    @Override
    public SourceContext next() {
        if (!hasNext()) throw new NoSuchElementException();
        return ready.remove();
    }

    private void open(Path next) {
        file = next;
        try {
            SourceFile source = SourceFile.recognise(file, reading);
            reader = source.open(source.form());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Stream<SourceContext> contexts(Object record) {
        return switch (record) {
            case Dialogue dialogue ->
                reader.speakers().of(dialogue, exchanges).of(dialogue.merged()).map(SourceContexts::context);
            case RankingCase ranking ->
                Stream.of(new SourceContext(ranking.id(), ranking.context(), ranking.positive()));
            case Distilled distilled -> Stream.of(new SourceContext(distilled.id(), distilled.context(),
                    distilled.candidates().stream().filter(candidate -> candidate.origin() == Origin.ORIGINAL)
                            .map(Candidate::text).toList()));
            case Response _ -> throw BadInput.in(file, "holds replies without contexts",
                    "give dialogues, ranking tests or distilled data");
            default -> throw new AssertionError(record.getClass());
        };
    }

    private static SourceContext context(Exchange exchange) {
        return new SourceContext(exchange.dialogueId() + "#" + exchange.turn(), exchange.context(),
                List.of(exchange.reply()));
    }

    @Override
    public void close() {
        if (reader == null) return;
        reports.add(reader.report());
        reader.close();
        reader = null;
    }
}
