package io.retort.reply;

import io.retort.files.Progress;
import io.retort.retrieval.RetrievalModel;
import io.retort.search.Hits;
import io.retort.search.ResponseSearch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Finds rows by encoding contexts and searching the vectors of the index. The last turn of a context may have a share of
 * its own in what is searched for. Texts whose vectors somebody has already are not read again.
 *
 * @param turnShare of the last turn by itself; the rest is all of the context
 */
record VectorScan(RetrievalModel model, ResponseSearch search, float turnShare) implements Scan<float[]> {
    @Override
    public float[] encode(ReplyQuery query) {
        List<float[]> vectors = new ArrayList<>();
        for (int[] text : texts(query)) {
            vectors.add(query.vector(text).orElseGet(() -> model.encodeContext(text)));
        }
        return mixed(vectors);
    }

    @Override
    public List<float[]> encode(List<ReplyQuery> queries) {
        List<List<int[]>> texts = queries.stream().map(this::texts).toList();
        List<int[]> unknown = new ArrayList<>();
        for (int i = 0; i < queries.size(); i++) {
            for (int[] text : texts.get(i)) if (queries.get(i).vector(text).isEmpty()) unknown.add(text);
        }
        float[][] read = unknown.isEmpty() ? new float[0][] : model.encodeContexts(unknown, Progress.NONE);
        List<float[]> all = new ArrayList<>(queries.size());
        int next = 0;
        for (int i = 0; i < queries.size(); i++) {
            List<float[]> vectors = new ArrayList<>();
            for (int[] text : texts.get(i)) {
                Optional<float[]> known = queries.get(i).vector(text);
                vectors.add(known.isPresent() ? known.get() : read[next++]);
            }
            all.add(mixed(vectors));
        }
        return all;
    }

    /** What is encoded of a context: all of it, and its last turn if that counts by itself, and is not all of it. */
    private List<int[]> texts(ReplyQuery query) {
        if (turnShare == 0) return List.of(query.tokens());
        int[] turn = model.inputs().newestTurn(query.context());
        return Arrays.equals(turn, query.tokens()) ? List.of(turn) : List.of(query.tokens(), turn);
    }

    /** What rows are compared with: a single vector as it is, or that of the context and that of its last turn. */
    private float[] mixed(List<float[]> vectors) {
        if (vectors.size() == 1) return vectors.getFirst();
        float[] whole = vectors.getFirst(), turn = vectors.getLast(), mixed = new float[whole.length];
        for (int j = 0; j < mixed.length; j++) mixed[j] = (1 - turnShare) * whole[j] + turnShare * turn[j];
        return mixed;
    }

    @Override
    public List<Hits> best(List<float[]> queries, int k, BitSet allowed) {
        return queries.size() == 1
                ? List.of(search.search(queries.getFirst(), k, allowed))
                : search.search(queries.toArray(float[][]::new), k, allowed);
    }
}
