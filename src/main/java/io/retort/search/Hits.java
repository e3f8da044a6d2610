package io.retort.search;

import java.util.Iterator;
import java.util.List;

/** What a query found, best first; equal scores by ascending row. */
public record Hits(List<Hit> best) implements Iterable<Hit> {
    /** An unmodifiable copy. */
    public Hits {
        best = List.copyOf(best);
    }

    /** How many. */
    public int size() {
        return best.size();
    }

    /** The hit of that rank, counted from 0. */
    public Hit get(int rank) {
        return best.get(rank);
    }

    @Override
    public Iterator<Hit> iterator() {
        return best.iterator();
    }
}
