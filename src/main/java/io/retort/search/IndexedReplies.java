package io.retort.search;

import io.retort.files.WhiteSpace;
import io.retort.curate.Curation;
import io.retort.curate.PersonalData;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Exchange;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.Origin;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.Reply;
import io.retort.dialogue.Response;
import io.retort.dialogue.ResponseFile;
import io.retort.dialogue.ResponseSet;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.ingest.ReadingReport;
import io.retort.ingest.ReadingSettings;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The replies of an index in the making, each with its metadata, if any, and with the contexts it answered where the
 * index is keyed by them. A reply that comes again, in any spelling, is the same reply: its first text counts, the
 * first metadata that it is given, and the contexts of all its times. A reply with a {@linkplain PersonalData#holdsMask
 * mark} of personal data in it is left out. For use by one thread.
 */
public final class IndexedReplies {
    /** The most contexts that are kept for a reply that was given often. */
    static final int CONTEXTS = 4;

    /** What the rows stand for; null while that is decided by what is added. */
    private KeyedBy keyedBy;
    private long added;
    private long tooShort;
    private Predicate<String> screen = _ -> true;
    private long masked;
    private final ResponseSet responses = new ResponseSet();
    private final List<List<Context>> contexts = new ArrayList<>();
    private final List<byte[]> metadata = new ArrayList<>();

    public IndexedReplies(KeyedBy keyedBy) {
        this.keyedBy = keyedBy;
    }

    /**
     * Replies whose rows stand for both themselves and the contexts that they answered, where all of them come with
     * contexts, and for themselves alone where one has none. That is decided when all were added.
     */
    public static IndexedReplies keyedByAllThereIs() {
        return new IndexedReplies(null);
    }

    /** Leaves replies out that do not pass a test, from now on; each is asked about as often as it comes. */
    public IndexedReplies screenedBy(Predicate<String> screen) {
        if (screen == null) throw new IllegalArgumentException("screen is null");
        this.screen = screen;
        return this;
    }

    /** Adds the reply that a person gave in an exchange, with its context. */
    public void add(Exchange exchange) {
        add(exchange.reply(), exchange.context(), Origin.ORIGINAL, Optional.empty());
    }

    /** Adds all candidates of a distilled context, as the paper's augmented response set does. */
    public void add(Distilled distilled) {
        add(distilled, distilled.context());
    }

    private void add(Distilled distilled, Context context) {
        distilled.candidates().forEach(candidate -> add(candidate.text(), context, candidate.origin(),
                candidate.metadata()));
    }

    /**
     * Adds a reply that came without a context.
     *
     * @throws BadInput if the index is keyed by contexts
     */
    public void add(String reply) {
        addAlone(reply, Optional.empty());
    }

    /**
     * Adds a reply that came without a context, with its metadata.
     *
     * @throws BadInput                 if the index is keyed by contexts
     * @throws IllegalArgumentException if the metadata hold anything that JSON cannot say
     */
    public void add(Response response) {
        addAlone(response.text(), response.metadata());
    }

    /**
     * Adds the replies of a file as {@link #addFile(Path, Exchanges, ReadingSettings)} does, with the usual settings.
     *
     * @throws BadInput if the file is of another kind, or has replies without contexts for an index that is keyed by
     * them
     */
    public void addFile(Path file, Exchanges exchanges) throws IOException {
        addFile(file, exchanges, ReadingSettings.defaults());
    }

    /**
     * Adds the replies of a file: of dialogues, distilled data, or replies, one to a line of JSON or plain text.
     *
     * @param rules   which replies of dialogues count, and how much of their contexts
     * @param reading how the file is read
     * @return what it was taken for
     * @throws BadInput if the file is of another kind, or has replies without contexts for an index that is keyed by
     * them
     */
    public ReadingReport addFile(Path file, Exchanges rules, ReadingSettings reading) throws IOException {
        return addFile(file, rules, reading, Optional.empty());
    }

    /**
     * Adds the replies of a file as {@link #addFile(Path, Exchanges, ReadingSettings)} does, as far as they are kept.
     *
     * @param curation decides what is kept; if empty, everything is
     */
    public ReadingReport addFile(Path file, Exchanges rules, ReadingSettings reading, Optional<Curation> curation)
            throws IOException {
        String where = file.toString();
        SourceFile source = SourceFile.recognise(file, reading);
        return switch (source.form()) {
            case DialogueFile _ -> {
                try (SourceReader<Dialogue> reader = source.dialogues()) {
                    reader.forEachRemaining(dialogue -> {
                        Exchanges exchanges = reader.speakers().of(dialogue, rules);
                        List<Dialogue> kept = curation.map(c -> c.take(dialogue, exchanges.replier(), where))
                                .orElse(List.of(dialogue));
                        for (Dialogue each : kept) {
                            exchanges.of(each).forEach(this::add);
                            tooShort += exchanges.tooShort(each);
                        }
                    });
                    yield reader.report();
                }
            }
            case DistilledFile format -> {
                try (SourceReader<Distilled> reader = source.open(format)) {
                    reader.forEachRemaining(distilled -> curation.map(c -> c.take(distilled, where))
                            .orElse(Optional.of(distilled))
                            .ifPresent(kept -> add(kept, kept.context().latest(rules.history()))));
                    yield reader.report();
                }
            }
            case ResponseFile format -> {
                try (SourceReader<Response> reader = source.open(format)) {
                    reader.forEachRemaining(reply -> curation.map(c -> c.take(reply, where)).orElse(Optional.of(reply))
                            .ifPresent(this::add));
                    yield reader.report();
                }
            }
            case RankingFile _ -> throw BadInput.in(file, "is a ranking test, not a response set",
                    "give dialogues, distilled data or replies");
        };
    }

    private void addAlone(String reply, Optional<Map<String, Object>> its) {
        if (keyedBy != null && keyedBy != KeyedBy.REPLY) {
            throw BadInput.of("\"" + reply + "\" has no context", "give dialogues, or set \"key\" to reply");
        }
        add(reply, null, Origin.ORIGINAL, its);
    }

    private void add(String text, Context context, Origin origin, Optional<Map<String, Object>> its) {
        if (WhiteSpace.isBlank(text) || !screen.test(text)) return;
        if (PersonalData.holdsMask(text)) {
            masked++;
            return;
        }
        byte[] json = ReplyMetadata.encode(its);
        added++;
        int place = responses.add(text, origin);
        if (place == contexts.size()) {
            contexts.add(keyedBy == KeyedBy.REPLY ? List.of() : new ArrayList<>(1));
            metadata.add(json);
        } else if (metadata.get(place).length == 0) {
            metadata.set(place, json);
        }
        boolean kept = keyedBy != KeyedBy.REPLY && context != null;
        if (kept && contexts.get(place).size() < CONTEXTS) contexts.get(place).add(context);
    }

    /** How many replies of dialogues were left out for having too few words. */
    public long tooShort() {
        return tooShort;
    }

    /** How many replies were left out for holding the mark of personal data that was taken out of them. */
    public long masked() {
        return masked;
    }

    /** How often a reply was added that was there already, in whatever spelling. */
    public long duplicates() {
        return added - size();
    }

    /** Number of different replies. */
    public int size() {
        return responses.size();
    }

    /** What the vectors of the rows are to stand for; nothing is added once that was asked. */
    public KeyedBy keyedBy() {
        if (keyedBy == null) {
            keyedBy = contexts.stream().anyMatch(List::isEmpty) ? KeyedBy.REPLY : KeyedBy.BOTH;
            if (keyedBy == KeyedBy.REPLY) contexts.replaceAll(_ -> List.of());
        }
        return keyedBy;
    }

    /** The texts of the replies, in the order of the rows. */
    public List<String> texts() {
        return responses.replies().stream().map(Reply::text).toList();
    }

    /** Number of replies that only the teacher gave. */
    public long generated() {
        return responses.replies().stream().filter(reply -> reply.origin() == Origin.GENERATED).count();
    }

    /** Whether a reply was given by the teacher alone. */
    boolean isGenerated(int row) {
        return responses.get(row).origin() == Origin.GENERATED;
    }

    /** A reply's metadata, as an index stores it. */
    byte[] metadata(int row) {
        return metadata.get(row);
    }

    /** The texts, metadata and kept contexts of the replies, in the order of the rows. */
    RowContents contents() {
        return new RowContents(texts(), metadata,
                RowContents.computed(size(), row -> ReplyContexts.encode(contexts.get(row))));
    }

    String text(int row) {
        return responses.get(row).text();
    }

    /** SHA-256 over all kept contexts, by which a resumed build knows that they are the same. */
    String contextsSha256() {
        Sha256 hash = new Sha256();
        for (List<Context> ofReply : contexts) {
            hash.update(new byte[]{'r'});
            for (Context context : ofReply) {
                hash.update(new byte[]{'c'});
                // Lengths keep two turns apart from one that reads like both.
                for (String turn : context.turns()) {
                    hash.update((turn.length() + ":" + turn).getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        return hash.hex();
    }

    /** The most turns of a context that are kept; 0 where no contexts are kept. */
    int history() {
        return contexts.stream().flatMap(List::stream).mapToInt(context -> context.turns().size()).max().orElse(0);
    }

    List<Context> contexts(int row) {
        return contexts.get(row);
    }
}
