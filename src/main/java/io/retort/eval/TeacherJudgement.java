package io.retort.eval;

import io.retort.dialogue.RankingCase;
import io.retort.distill.TeacherScore;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.generate.Likelihood;
import io.retort.generate.LikelihoodScorer;
import io.retort.generate.PromptEncoder;
import io.retort.generate.ScoringRequest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * A teacher as a judge of ranking cases: how well a language model tells replies that fit, by likelihood and by mutual
 * information, both out of one pass over the candidates. What a student can learn of a teacher is bounded by it. One
 * thread makes it; then it may be read from any.
 */
public final class TeacherJudgement {
    private final Map<TeacherScore, List<ScoredCase>> scored = new EnumMap<>(TeacherScore.class);
    private final Map<TeacherScore, List<String>> chosen = new EnumMap<>(TeacherScore.class);
    private final int candidateTokens;

    private TeacherJudgement(int candidateTokens) {
        this.candidateTokens = candidateTokens;
        for (TeacherScore score : TeacherScore.values()) {
            scored.put(score, new ArrayList<>());
            chosen.put(score, new ArrayList<>());
        }
    }

    /**
     * Judges every candidate of every case.
     *
     * @param prompts         how contexts and replies are put to the teacher
     * @param candidateTokens most tokens of a candidate
     * @param progress        counts contexts
     * @throws BadInput if a candidate is longer, naming its case
     */
    public static TeacherJudgement of(LikelihoodScorer scorer, PromptEncoder prompts, int candidateTokens,
            List<RankingCase> cases, Progress progress) {
        TeacherJudgement judgement = new TeacherJudgement(candidateTokens);
        Iterator<RankingCase> judged = cases.iterator();
        progress.update(0, cases.size());
        scorer.score(cases.stream().map(ranking -> judgement.request(ranking, prompts)).iterator(), result -> {
            judgement.take(judged.next(), result.likelihoods());
            progress.update(judgement.chosen.get(TeacherScore.LL).size(), cases.size());
        });
        return judgement;
    }

    private ScoringRequest request(RankingCase ranking, PromptEncoder prompts) {
        List<int[]> candidates = ranking.candidates().stream().map(prompts::reply).toList();
        for (int[] candidate : candidates) {
            if (candidate.length > candidateTokens) {
                throw BadInput.of(ranking.id() + ": a candidate of " + candidate.length + " tokens, the teacher takes "
                        + candidateTokens, "leave the case out");
            }
        }
        return new ScoringRequest(ranking.id(), prompts.prompt(ranking.context()), prompts.unconditional(), candidates);
    }

    private void take(RankingCase ranking, List<Likelihood> likelihoods) {
        for (TeacherScore by : TeacherScore.values()) {
            float[] scores = new float[likelihoods.size()];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = (float) switch (by) {
                    case LL -> likelihoods.get(i).logLikelihood();
                    case MI -> likelihoods.get(i).mutualInformation();
                };
            }
            scored.get(by).add(ScoredCase.of(ranking, scores));
            chosen.get(by).add(ranking.candidates().get(ScoredCase.best(scores)));
        }
    }

    /** The teacher's marks. */
    public RankingReport report(TeacherScore by) {
        return RankingReport.of(scored.get(by));
    }

    /** The candidate that each context liked best, in the order of the cases. */
    public List<String> chosen(TeacherScore by) {
        return List.copyOf(chosen.get(by));
    }
}
