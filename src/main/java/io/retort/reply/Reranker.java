package io.retort.reply;

import io.retort.dialogue.Context;
import io.retort.search.Hit;
import io.retort.search.Hits;
import io.retort.search.IndexBuilder;
import io.retort.search.ResponseIndex;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Puts the best of what a search found in order anew, by words: a reply gains where its own context ended like the one
 * that is answered, and loses for what it has from its own context alone, which the one that is answered does not speak
 * of. Any thread.
 */
final class Reranker {
    /** Indexes of at most so many rows have the words of those that were met kept. */
    private static final int KEPT_ROWS = 1 << 18;
    private static final List<Written> NONE = List.of();

    private final ResponseIndex index;
    private final Reranking settings;
    private final int history;
    private final AtomicReferenceArray<List<Written>> met;
    private volatile WordWeights weights;

    /** @param index one that has the contexts of its replies */
    Reranker(ResponseIndex index, Reranking settings) {
        this.index = index;
        this.settings = settings;
        this.history = Math.max(1, IndexBuilder.historyOf(index));
        this.met = new AtomicReferenceArray<>(index.count() <= KEPT_ROWS ? index.count() : 0);
    }

    /**
     * What a reply was written for, as far as it is compared.
     *
     * @param lastTurn   words of the last turn
     * @param turnBefore words of the turn before
     * @param taken      words of the reply that its context has, too
     * @param reply      weight of the whole reply
     */
    private record Written(WeightedWords lastTurn, WeightedWords turnBefore, WeightedWords taken, double reply) {
    }

    /** Words of a context, as far as it is compared. */
    private record Spoken(WeightedWords lastTurn, WeightedWords turnBefore, WeightedWords all) {
        static Spoken of(List<String> turns, WordWeights weights) {
            int last = turns.size() - 1;
            return new Spoken(weights.read(turns.subList(last, last + 1)),
                    weights.read(turns.subList(Math.max(0, last - 1), last)), weights.read(turns));
        }
    }

    /** How many hits are put in order anew; the search should find as many. */
    int depth() {
        return settings.depth();
    }

    /** The same hits in their new order, with new scores; those beyond the depth follow in the order that they had. */
    Hits of(Context context, Hits hits) {
        Spoken asked = Spoken.of(context.latest(history).turns(), weights());
        int depth = Math.min(settings.depth(), hits.size());
        List<Hit> order = new ArrayList<>(hits.size());
        for (Hit hit : hits.best().subList(0, depth)) {
            order.add(new Hit(hit.row(), (float) (hit.score() + evidence(hit.row(), asked))));
        }
        order.sort(Comparator.comparingDouble(Hit::score).reversed().thenComparingInt(Hit::row));
        for (Hit hit : hits.best().subList(depth, hits.size())) {
            order.add(new Hit(hit.row(), Math.min(hit.score(), order.getLast().score())));
        }
        return new Hits(order);
    }

    /** What the words of a row say for it, by the one of its contexts that says most. */
    private double evidence(int row, Spoken asked) {
        double best = Double.NEGATIVE_INFINITY;
        for (Written each : written(row)) {
            double foreign = each.taken.mass() - each.taken.massIn(asked.all);
            best = Math.max(best, settings.lastTurn() * each.lastTurn.likeness(asked.lastTurn)
                    + settings.turnBefore() * each.turnBefore.likeness(asked.turnBefore)
                    - settings.missing() * foreign / Math.max(1, each.reply));
        }
        return best == Double.NEGATIVE_INFINITY ? 0 : best;
    }

    private List<Written> written(int row) {
        if (row >= met.length()) return read(row);
        List<Written> known = met.get(row);
        if (known == null) {
            known = read(row);
            met.set(row, known);
        }
        return known;
    }

    private List<Written> read(int row) {
        if (row >= index.count()) return NONE;
        WordWeights its = weights();
        WeightedWords reply = its.read(List.of(index.reply(row)));
        List<Written> written = new ArrayList<>();
        for (Context context : index.contexts(row)) {
            Spoken spoken = Spoken.of(context.turns(), its);
            written.add(new Written(spoken.lastTurn, spoken.turnBefore, reply.in(spoken.all), reply.mass()));
        }
        return List.copyOf(written);
    }

    /** Read when they are first needed, so that opening an index costs nothing; twice at worst, with the same result. */
    private WordWeights weights() {
        WordWeights known = weights;
        if (known == null) {
            known = WordWeights.of(index);
            weights = known;
        }
        return known;
    }
}
