package io.retort.search;

import io.retort.files.WhiteSpace;
import io.retort.dialogue.Context;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.Exchange;
import io.retort.dialogue.Origin;
import io.retort.dialogue.Reply;
import io.retort.dialogue.ResponseSet;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The replies of an index in the making, each with the contexts it answered where the index is keyed by them. One
 * thread.
 */
public final class IndexedReplies {
    /** Contexts kept for a reply that was given often. */
    static final int CONTEXTS = 4;

    private final KeyedBy keyedBy;
    private final ResponseSet responses = new ResponseSet();
    private final List<List<Context>> contexts = new ArrayList<>();

    public IndexedReplies(KeyedBy keyedBy) {
        this.keyedBy = keyedBy;
    }

    /** Adds what a person answered. */
    public void add(Exchange exchange) {
        add(exchange.reply(), exchange.context(), Origin.ORIGINAL);
    }

    /** Adds the candidates of a distilled context: the augmented response set. */
    public void add(Distilled distilled) {
        distilled.candidates().forEach(candidate -> add(candidate.text(), distilled.context(), candidate.origin()));
    }

    /**
     * Adds a reply that came without a context.
     *
     * @throws BadInput if the index is keyed by contexts
     */
    public void add(String reply) {
        if (keyedBy != KeyedBy.REPLY)
            throw BadInput.of("\"" + reply + "\" has no context", "use --key reply, or give dialogues");
        add(reply, null, Origin.ORIGINAL);
    }

    private void add(String text, Context context, Origin origin) {
        if (WhiteSpace.isBlank(text)) return;
        int place = responses.add(text, origin);
        if (place == contexts.size()) contexts.add(keyedBy == KeyedBy.REPLY ? List.of() : new ArrayList<>(1));
        if (keyedBy != KeyedBy.REPLY && contexts.get(place).size() < CONTEXTS) contexts.get(place).add(context);
    }

    /** Number of different replies. */
    public int size() {
        return responses.size();
    }

    /** What the vectors say. */
    public KeyedBy keyedBy() {
        return keyedBy;
    }

    /** The texts, in the order of the rows. */
    public List<String> texts() {
        return responses.replies().stream().map(Reply::text).toList();
    }

    /** How many replies only the teacher gave. */
    public long generated() {
        return responses.replies().stream().filter(reply -> reply.origin() == Origin.GENERATED).count();
    }

    /** What tells these contexts from others. */
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

    /** Most turns of a context that is kept; 0 where none are. */
    int history() {
        return contexts.stream().flatMap(List::stream).mapToInt(context -> context.turns().size()).max().orElse(0);
    }

    List<Context> contexts(int row) {
        return contexts.get(row);
    }
}
