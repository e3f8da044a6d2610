package io.retort.eval;

import io.retort.dialogue.RankingCase;
import io.retort.files.Progress;
import io.retort.retrieval.RetrievalModel;
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
        // Contexts of one vector are encoded together; those of several would fill memory.
        boolean together = model.config().form().contextVectors().isEmpty();
        float[][] encoded = together ? model.encodeContexts(contexts, progress) : new float[0][];
        for (int i = 0; i < cases.size(); i++) {
            List<String> candidates = cases.get(i).candidates();
            RetrievalModel.Scorer scorer = together ? model.scorer(encoded[i]) : model.scorer(contexts.get(i));
            float[] scores = scorer.score(vectorsOf(candidates));
            scored.add(ScoredCase.of(cases.get(i), scores));
            chosen.add(candidates.get(ScoredCase.best(scores)));
        }
    }

    /** The ranking metrics of the model over all cases. */
    public RankingReport report() {
        return RankingReport.of(scored);
    }

    /** The scores of each case, in the order of the cases. */
    public List<ScoredCase> scored() {
        return List.copyOf(scored);
    }

    /** The candidate that each context liked best, in the order of the cases. */
    public List<String> chosen() {
        return List.copyOf(chosen);
    }

    /**
     * Chooses a reply for one of the cases again, alone. Timing it shows what a context costs when the vectors of its
     * candidates are there already.
     */
    public String choose(RankingCase ranking) {
        List<String> candidates = ranking.candidates();
        return candidates.get(ScoredCase.best(model.score(ranking.context(), vectorsOf(candidates))));
    }

    private float[][] vectorsOf(List<String> texts) {
        float[][] found = new float[texts.size()][];
        for (int i = 0; i < found.length; i++) found[i] = vectors[places.getInt(texts.get(i))];
        return found;
    }
}
