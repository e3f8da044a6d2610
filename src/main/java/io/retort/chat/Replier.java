package io.retort.chat;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.model.RetrievalModel;
import io.retort.search.Hit;
import io.retort.search.Hits;
import io.retort.search.ResponseIndex;
import io.retort.search.ResponseSearch;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Answers contexts out of an index: tokenise, encode, search. Where scores are dot products the search is one of vectors; with
 * other scoring forms every reply of the index is scored. Safe to use from any thread; model and index stay the caller's.
 */
public final class Replier {
    private final RetrievalModel model;
    private final ResponseIndex index;
    private final Scan scan;

    /**
     * @param search over {@code index}; used where scores are dot products
     */
    public Replier(RetrievalModel model, ResponseIndex index, ResponseSearch search) {
        if (model.dim() != index.dims()) {
            throw BadInput.in(index.file(),
                    "holds vectors of " + index.dims() + ", the model makes vectors of " + model.dim(),
                    "build the index with this model");
        }
        this.model = model;
        this.index = index;
        this.scan = model.isSearchable() ? (tokens, clock, k, allowed) -> {
            float[] query = model.encodeContext(tokens);
            clock.encoded = System.nanoTime();
            return search.search(query, k, allowed);
        } : new FullScan(model, index);
    }

    /**
     * The {@code k} best replies.
     *
     * @throws BadInput if {@code k} is not 1 to the index's size
     */
    public Replies reply(Context context, int k) {
        return reply(context, k, null);
    }

    /** The same out of the rows that are {@code allowed}; null allows all. */
    public Replies reply(Context context, int k, BitSet allowed) {
        Clock clock = new Clock();
        int[] tokens = model.inputs().context(context);
        long tokenised = System.nanoTime();
        Hits hits = scan.best(tokens, clock, k, allowed);
        long found = System.nanoTime();
        List<RankedReply> ranked = new ArrayList<>(hits.size());
        for (Hit hit : hits)
            ranked.add(new RankedReply(ranked.size() + 1, hit.row(), hit.score(), index.reply(hit.row())));
        var times = new Replies.StageTimes(tokenised - clock.started, clock.encoded - tokenised, found - clock.encoded);
        return new Replies(List.copyOf(ranked), tokens.length, times);
    }

    /** Encodes a context and finds its best rows. */
    interface Scan {
        Hits best(int[] tokens, Clock clock, int k, BitSet allowed);
    }

    /** When the stages of one reply ended. */
    static final class Clock {
        final long started = System.nanoTime();
        long encoded;
    }
}
