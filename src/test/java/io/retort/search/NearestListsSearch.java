package io.retort.search;

import io.retort.files.BadInput;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * An approximate search for tests of the seam: each row stands in the list of the chosen row that it is most like, and a
 * query looks through the lists of the chosen rows that score best, until it has seen half of all rows and has enough.
 */
final class NearestListsSearch implements ResponseSearch {
    private static final Exactness PROMISE = new Exactness.Approximate(.5, true,
            "Of vectors of the contract's tests, for any k.");

    private final Rows rows;
    private final Metric metric;
    private final Kernels kernels;
    private final int[] chosen;
    private final List<List<Integer>> lists = new ArrayList<>();
    private volatile boolean closed;

    NearestListsSearch(Rows rows, Metric metric, Kernels kernels) {
        this.rows = rows;
        this.metric = metric;
        this.kernels = kernels;
        int count = Math.max(1, (int) Math.sqrt(rows.count()));
        this.chosen = new int[count];
        for (int c = 0; c < count; c++) {
            chosen[c] = (int) ((long) c * rows.count() / count);
            lists.add(new ArrayList<>());
        }
        for (int row = 0; row < rows.count(); row++) lists.get(order(rows.read(row)).getFirst()).add(row);
    }

    /** The lists, those of the most similar chosen rows first. */
    private List<Integer> order(float[] query) {
        float[] scores = new float[chosen.length];
        kernels.scores(rows, chosen, chosen.length, query, scores);
        TopK best = new TopK(chosen.length);
        for (int c = 0; c < chosen.length; c++) best.offer(c, scores[c]);
        return Hits.of(best).best().stream().map(Hit::row).toList();
    }

    @Override
    public int count() {
        return rows.count();
    }

    @Override
    public int dims() {
        return rows.dims();
    }

    @Override
    public Exactness exactness() {
        return PROMISE;
    }

    @Override
    public List<Hits> search(float[][] queries, int k, BitSet allowed) {
        if (closed) throw new IllegalStateException("this search is closed");
        if (k < 1 || k > count()) throw BadInput.of("k is " + k, "ask for 1 to " + count());
        List<Hits> hits = new ArrayList<>();
        for (float[] query : queries) {
            String problem = query.length == dims() ? VectorCheck.problem(query, metric) : "has other dims";
            if (problem != null) throw BadInput.of("a query " + problem, "");
            hits.add(search(VectorCheck.prepared(query, metric), k, allowed, new TopK(k)));
        }
        return hits;
    }

    private Hits search(float[] query, int k, BitSet allowed, TopK best) {
        int seen = 0, found = 0;
        float[] score = new float[1];
        for (int list : order(query)) {
            for (int row : lists.get(list)) {
                seen++;
                if (allowed != null && !allowed.get(row)) continue;
                kernels.scores(rows, new int[]{row}, 1, query, score);
                best.offer(row, score[0]);
                found++;
            }
            if (2 * seen >= count() && found >= k) break;
        }
        return Hits.of(best);
    }

    @Override
    public void close() {
        closed = true;
    }
}
