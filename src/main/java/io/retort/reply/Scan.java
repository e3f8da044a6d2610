package io.retort.reply;

import io.retort.search.Hits;
import java.util.BitSet;
import java.util.List;

/**
 * How the best rows for contexts are found.
 *
 * @param <Q> what is made of a context, by which replies are scored
 */
interface Scan<Q> {
    /** Reads one context. */
    Q encode(ReplyQuery query);

    /** Reads several contexts, which is faster than one after the other. */
    List<Q> encode(List<ReplyQuery> queries);

    /** Finds the best rows for each of several contexts. */
    List<Hits> best(List<Q> queries, int k, BitSet allowed);
}
