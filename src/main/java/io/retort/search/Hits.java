package io.retort.search;

import io.retort.simd.TopK;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** What a query found, best first; equal scores by ascending row. */
public record Hits(List<Hit> best) implements Iterable<Hit> {
    /** Copies the list, so that the hits cannot be changed. */
    public Hits {
        best = List.copyOf(best);
    }

    /** Takes the hits out of a selection, which is empty afterwards. */
    public static Hits of(TopK best) {
        List<Hit> hits = new ArrayList<>(best.size());
        best.drain((row, score) -> hits.add(new Hit(row, score)));
        return new Hits(hits);
    }

    /** Number of hits. */
    public int size() {
        return best.size();
    }

    /** The hit of a rank; the best has rank 0. */
    public Hit get(int rank) {
        return best.get(rank);
    }

    @Override
    public Iterator<Hit> iterator() {
        return best.iterator();
    }
}
