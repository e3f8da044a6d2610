package io.retort.reply;

import io.retort.reply.RankedReplies.StageTimes;
import io.retort.search.Hit;
import io.retort.search.Hits;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;

/**
 * Finds the best replies that may be given: no echoes of the context, and none that is not wanted, in the order that a
 * {@link Reranker} gives them, if there is one. The search is asked
 * for as many hits more as may have to be passed over, and where that was too few for twice as many, so that what is
 * found is exactly the best of what may be given.
 */
final class ReplySelection {
    private final IntSupplier size;
    private final IntFunction<String> texts;
    private final boolean echoes;
    private final Optional<Reranker> reranker;

    /**
     * @param size   number of rows there are
     * @param echoes whether replies that only repeat the context may be given
     */
    ReplySelection(IntSupplier size, IntFunction<String> texts, boolean echoes, Optional<Reranker> reranker) {
        this.size = size;
        this.texts = texts;
        this.echoes = echoes;
        this.reranker = reranker;
    }

    /** What was found for a context: the replies that are given, and those that would only repeat it. */
    record Found(List<RankedReply> ranked, List<RankedReply> echoes) {
        RankedReplies with(int tokens, StageTimes times) {
            return new RankedReplies(ranked, echoes, tokens, times);
        }
    }

    /**
     * What is found for each of several contexts; those with the same filter are searched for together.
     *
     * @param queries the encoded contexts
     */
    <Q> List<Found> of(Scan<Q> scan, List<Q> queries, List<ReplyQuery> asked) {
        Map<BitSet, List<Integer>> filters = new IdentityHashMap<>();
        for (int i = 0; i < asked.size(); i++) {
            filters.computeIfAbsent(asked.get(i).allowed(), _ -> new ArrayList<>()).add(i);
        }
        Found[] found = new Found[queries.size()];
        filters.forEach((allowed, places) -> search(scan, queries, asked, allowed, places, found));
        return List.of(found);
    }

    private <Q> void search(Scan<Q> scan, List<Q> queries, List<ReplyQuery> asked, BitSet allowed,
            List<Integer> places, Found[] found) {
        int rows = size.getAsInt();
        List<Echoes> turns = asked.stream().map(each -> echoes ? Echoes.NONE : Echoes.of(each.context())).toList();
        long most = reranker.map(Reranker::depth).orElse(1);
        for (int place : places) {
            ReplyQuery query = asked.get(place);
            most = Math.max(most, (long) query.k() + turns.get(place).size() + query.without().size());
        }
        List<Integer> open = places;
        for (int wanted = (int) Math.min(rows, most);; wanted = (int) Math.min(rows, 2L * wanted)) {
            List<Hits> hits = scan.best(open.stream().map(queries::get).toList(), wanted, allowed);
            List<Integer> few = new ArrayList<>();
            for (int i = 0; i < hits.size(); i++) {
                int place = open.get(i);
                Hits order = hits.get(i);
                if (reranker.isPresent()) order = reranker.get().of(asked.get(place).context(), order);
                found[place] = without(turns.get(place), order, asked.get(place));
                boolean isAll = hits.get(i).size() < wanted || wanted == rows;
                if (found[place].ranked.size() < asked.get(place).k() && !isAll) few.add(place);
            }
            if (few.isEmpty()) return;
            open = few;
        }
    }

    /** The first hits that are no echoes and are not left out, and the echoes that were passed over. */
    private Found without(Echoes turns, Hits hits, ReplyQuery query) {
        List<RankedReply> ranked = new ArrayList<>(), echoed = new ArrayList<>();
        for (Hit hit : hits) {
            if (ranked.size() == query.k()) break;
            if (query.without().contains(hit.row())) continue;
            String text = texts.apply(hit.row());
            List<RankedReply> goes = turns.has(text) ? echoed : ranked;
            goes.add(new RankedReply(ranked.size() + 1, hit.row(), hit.score(), text));
        }
        return new Found(ranked, echoed);
    }
}
