package io.retort.reply;

import io.retort.files.Progress;
import io.retort.retrieval.RetrievalModel;
import io.retort.search.Hits;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * Scores every reply of an index: for scoring forms such as the poly-encoder's, whose score is no dot product of two
 * vectors, so that there is nothing to search by.
 */
final class FullScan implements Scan<RetrievalModel.Scorer> {
    private static final int CHUNK = 4096;

    private final RetrievalModel model;
    private final Rows rows;

    FullScan(RetrievalModel model, Rows rows) {
        this.model = model;
        this.rows = rows;
    }

    @Override
    public RetrievalModel.Scorer encode(ReplyQuery query) {
        return model.scorer(query.tokens());
    }

    @Override
    public List<RetrievalModel.Scorer> encode(List<ReplyQuery> queries) {
        List<int[]> tokens = queries.stream().map(ReplyQuery::tokens).toList();
        return Stream.of(model.encodeContexts(tokens, Progress.NONE)).map(model::scorer).toList();
    }

    @Override
    public List<Hits> best(List<RetrievalModel.Scorer> scorers, int k, BitSet allowed) {
        return scorers.stream().map(scorer -> best(scorer, k, allowed)).toList();
    }

    private Hits best(RetrievalModel.Scorer scorer, int k, BitSet allowed) {
        TopK best = new TopK(k);
        for (int from = 0; from < rows.count(); from += CHUNK) {
            int next = allowed == null ? from : allowed.nextSetBit(from);
            if (next < 0) break;
            if (next >= from + CHUNK) continue;
            float[][] chunk = vectors(from, Math.min(CHUNK, rows.count() - from));
            float[] scores = scorer.score(chunk);
            for (int i = 0; i < scores.length; i++) {
                if (allowed == null || allowed.get(from + i)) best.offer(from + i, scores[i]);
            }
        }
        return Hits.of(best);
    }

    private float[][] vectors(int from, int count) {
        float[][] vectors = new float[count][];
        for (int i = 0; i < count; i++) vectors[i] = rows.read(from + i);
        return vectors;
    }
}
