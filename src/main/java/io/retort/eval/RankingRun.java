package io.retort.eval;

import io.retort.dialogue.RankingCase;
import io.retort.files.Progress;
import io.retort.model.BiEncoder;
import io.retort.model.PolyEncoder;
import io.retort.model.RetrievalModel;
import it.unimi.dsi.fastutil.objects.Object2IntLinkedOpenHashMap;
import java.util.ArrayList;
import java.util.List;

/**
 * A model at work on ranking cases: the vectors of all their candidates, each text encoded once, and the scores. Safe
 * to use from any thread.
 */
public final class RankingRun {
    private final RetrievalModel model;
    private final Object2IntLinkedOpenHashMap<String> places;
    private final float[][] vectors; // [candidate texts, dim]
    private final List<ScoredCase> scored = new ArrayList<>();
    private final List<String> chosen = new ArrayList<>();

    private RankingRun(RetrievalModel model, Object2IntLinkedOpenHashMap<String> places, float[][] vectors) {
        this.model = model;
        this.places = places;
        this.vectors = vectors;
    }

    /**
     * Scores every candidate of every case.
     *
     * @param progress counts texts, candidates first, then contexts
     */
    public static RankingRun of(RetrievalModel model, List<RankingCase> cases, Progress progress) {
        var places = new Object2IntLinkedOpenHashMap<String>();
        for (RankingCase ranking : cases) {
            for (String candidate : ranking.candidates()) places.putIfAbsent(candidate, places.size());
        }
        float[][] vectors = model.encodeReplies(new ArrayList<>(places.keySet()), progress);
        RankingRun run = new RankingRun(model, places, vectors);
        run.scoreAll(cases, progress);
        return run;
    }

    private void scoreAll(List<RankingCase> cases, Progress progress) {
        List<int[]> contexts = new ArrayList<>(cases.size());
        for (RankingCase ranking : cases) contexts.add(model.inputs().context(ranking.context()));
        Scorer scorer = switch (model) {
            case BiEncoder bi -> {
                float[][] queries = bi.encodeContexts(contexts, progress);
                yield (i, candidates) -> BiEncoder.scores(queries[i], candidates);
            }
            case PolyEncoder poly -> (i, candidates) -> poly.score(contexts.get(i), candidates);
        };
        for (int i = 0; i < cases.size(); i++) {
            List<String> candidates = cases.get(i).candidates();
            float[] scores = scorer.score(i, vectorsOf(candidates));
            scored.add(ScoredCase.of(cases.get(i), scores));
            chosen.add(candidates.get(ScoredCase.best(scores)));
        }
    }

    /** The model's marks. */
    public RankingReport report() {
        return RankingReport.of(scored);
    }

    /** The candidate that each context liked best, in the order of the cases. */
    public List<String> chosen() {
        return List.copyOf(chosen);
    }

    /** Chooses for one of the cases again, alone: what a context costs when the vectors of its candidates are there. */
    public String choose(RankingCase ranking) {
        List<String> candidates = ranking.candidates();
        return candidates.get(ScoredCase.best(model.score(ranking.context(), vectorsOf(candidates))));
    }

    private float[][] vectorsOf(List<String> texts) {
        float[][] found = new float[texts.size()][];
        for (int i = 0; i < found.length; i++) found[i] = vectors[places.getInt(texts.get(i))];
        return found;
    }

    /** Scores of candidates for the context of the i-th case. */
    private interface Scorer {
        float[] score(int i, float[][] candidates);
    }
}
