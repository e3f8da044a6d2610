package io.retort.cli;

import io.retort.dialogue.RankingCase;
import io.retort.eval.RankingReport;
import io.retort.eval.ScoredCase;
import io.retort.files.Progress;
import io.retort.model.BiEncoder;
import io.retort.model.PolyEncoder;
import io.retort.model.RetrievalModel;
import it.unimi.dsi.fastutil.objects.Object2IntLinkedOpenHashMap;
import java.util.ArrayList;
import java.util.List;

/**
 * A model's scores on ranking cases.
 *
 * @param chosen the candidate that each context liked best
 * @param vectors of all candidates, each text once
 */
record RankedCases(List<ScoredCase> scored, List<String> chosen, CandidateVectors vectors) {
    static RankedCases of(RetrievalModel model, List<RankingCase> cases, Progress progress) {
        CandidateVectors vectors = CandidateVectors.of(model, cases, progress);
        List<int[]> contexts = new ArrayList<>(cases.size());
        for (RankingCase ranking : cases) contexts.add(model.inputs().context(ranking.context()));
        float[][] queries = model instanceof BiEncoder bi ? bi.encodeContexts(contexts, progress) : null;
        List<ScoredCase> scored = new ArrayList<>(cases.size());
        List<String> chosen = new ArrayList<>(cases.size());
        for (int i = 0; i < cases.size(); i++) {
            List<String> candidates = cases.get(i).candidates();
            float[][] own = vectors.of(candidates);
            float[] scores = switch (model) {
                case BiEncoder _ -> BiEncoder.scores(queries[i], own);
                case PolyEncoder poly -> poly.score(contexts.get(i), own);
            };
            scored.add(ScoredCase.of(cases.get(i), scores));
            chosen.add(candidates.get(best(scores)));
        }
        return new RankedCases(scored, chosen, vectors);
    }

    RankingReport report() {
        return RankingReport.of(scored);
    }

    static int best(float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            if (scores[i] > scores[best]) best = i;
        }
        return best;
    }

    /** Vectors by text. */
    record CandidateVectors(Object2IntLinkedOpenHashMap<String> places, float[][] vectors) {
        static CandidateVectors of(RetrievalModel model, List<RankingCase> cases, Progress progress) {
            var places = new Object2IntLinkedOpenHashMap<String>();
            for (RankingCase ranking : cases) {
                for (String candidate : ranking.candidates()) places.putIfAbsent(candidate, places.size());
            }
            return new CandidateVectors(places, model.encodeReplies(new ArrayList<>(places.keySet()), progress));
        }

        float[][] of(List<String> texts) {
            float[][] found = new float[texts.size()][];
            for (int i = 0; i < found.length; i++) found[i] = vectors[places.getInt(texts.get(i))];
            return found;
        }
    }
}
