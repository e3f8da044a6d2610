package io.retort.reply;

import io.retort.search.GrowingRows;
import io.retort.search.Hits;
import io.retort.search.ResponseIndex;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds rows of an index and replies that were added to it since it was opened, whose rows come after the index's. Any
 * thread may search while another adds: a search sees all of what was added together, or nothing of it.
 */
final class GrowingScan<Q> implements Scan<Q> {
    private final Scan<Q> index;
    private final int count;
    private final GrowingRows vectors;
    private final Function<Rows, Scan<Q>> overRows;
    private volatile Added<Q> added = new Added<>(null, null, List.of(), List.of());

    /**
     * @param index    finds rows of the index
     * @param overRows makes what finds rows among vectors in memory
     */
    GrowingScan(Scan<Q> index, ResponseIndex of, Function<Rows, Scan<Q>> overRows) {
        this.index = index;
        this.count = of.count();
        this.vectors = new GrowingRows(of.dims(), of.metric(), of.format());
        this.overRows = overRows;
    }

    /** What was added up to a moment; the scan is null as long as that is nothing. */
    private record Added<Q>(Scan<Q> scan, Rows vectors, List<String> texts,
            List<Optional<Map<String, Object>>> metadata) {
    }

    /** Number of replies that were added. */
    int added() {
        return added.texts.size();
    }

    /** The text of a reply that was added, counted from 0. */
    String text(int number) {
        return added.texts.get(number);
    }

    /** The vectors of what was added; null as long as that is nothing. */
    Rows vectors() {
        return added.vectors;
    }

    /** The metadata of a reply that was added, counted from 0. */
    Optional<Map<String, Object>> metadata(int number) {
        return added.metadata.get(number);
    }

    /** Adds replies; returns the number of the first, counted from 0. */
    synchronized int add(List<String> texts, List<Optional<Map<String, Object>>> metadata, float[][] encoded) {
        Added<Q> before = added;
        Rows rows = vectors.add(encoded);
        List<String> allTexts = new ArrayList<>(before.texts);
        allTexts.addAll(texts);
        List<Optional<Map<String, Object>>> allMetadata = new ArrayList<>(before.metadata);
        allMetadata.addAll(metadata);
        added = new Added<>(overRows.apply(rows), rows, allTexts, allMetadata);
        return before.texts.size();
    }

    @Override
    public Q encode(ReplyQuery query) {
        return index.encode(query);
    }

    @Override
    public List<Q> encode(List<ReplyQuery> queries) {
        return index.encode(queries);
    }

    @Override
    public List<Hits> best(List<Q> queries, int k, BitSet allowed) {
        Added<Q> now = added;
        List<Hits> old = index.best(queries, Math.min(k, count), allowed);
        if (now.scan == null) return old;
        int more = now.texts.size();
        List<Hits> young = now.scan.best(queries, Math.min(k, more),
                allowed == null ? null : allowed.get(count, count + more));
        List<Hits> all = new ArrayList<>(queries.size());
        for (int q = 0; q < queries.size(); q++) {
            TopK best = new TopK(k);
            old.get(q).forEach(hit -> best.offer(hit.row(), hit.score()));
            young.get(q).forEach(hit -> best.offer(count + hit.row(), hit.score()));
            all.add(Hits.of(best));
        }
        return all;
    }
}
