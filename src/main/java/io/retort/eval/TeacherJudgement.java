package io.retort.eval;

import io.retort.dialogue.RankingCase;
import io.retort.distill.TeacherScore;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.teacher.Judgement;
import io.retort.teacher.Judgement.Opinion;
import io.retort.teacher.JudgementRequest;
import io.retort.teacher.Teacher;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * A teacher as a judge of ranking cases: how well it tells replies that fit, by likelihood and by mutual information,
 * both out of one pass over the candidates. What a student can learn of a teacher is bounded by it. One thread makes it;
 * then it may be read from any.
 */
public final class TeacherJudgement {
    private final Map<TeacherScore, List<ScoredCase>> scored = new EnumMap<>(TeacherScore.class);
    private final Map<TeacherScore, List<String>> chosen = new EnumMap<>(TeacherScore.class);

    private TeacherJudgement() {
        for (TeacherScore score : TeacherScore.values()) {
            scored.put(score, new ArrayList<>());
            chosen.put(score, new ArrayList<>());
        }
    }

    /**
     * Judges every candidate of every case.
     *
     * @param progress counts contexts
     * @throws BadInput if the teacher does not judge, or a candidate is too long for it, naming its case
     */
    public static TeacherJudgement of(Teacher teacher, List<RankingCase> cases, Progress progress) {
        teacher.requireJudges();
        TeacherJudgement judgement = new TeacherJudgement();
        Iterator<RankingCase> judged = cases.iterator();
        progress.update(0, cases.size());
        teacher.judge(cases.stream().map(
                ranking -> new JudgementRequest(ranking.id(), ranking.context(), ranking.candidates())).iterator(),
                result -> {
                    judgement.take(judged.next(), opinions(result));
                    progress.update(judgement.chosen.get(TeacherScore.LL).size(), cases.size());
                });
        return judgement;
    }

    private static List<Opinion> opinions(Judgement judgement) {
        List<Opinion> opinions = new ArrayList<>();
        for (int i = 0; i < judgement.opinions().size(); i++) {
            String candidate = judgement.request().candidates().get(i);
            opinions.add(judgement.opinions().get(i).orElseThrow(() -> BadInput.of(judgement.request().id()
                    + ": a candidate of " + candidate.length() + " characters is too long for the teacher",
                    "leave the case out")));
        }
        return opinions;
    }

    private void take(RankingCase ranking, List<Opinion> opinions) {
        for (TeacherScore by : TeacherScore.values()) {
            float[] scores = new float[opinions.size()];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = (float) switch (by) {
                    case LL -> opinions.get(i).logLikelihood();
                    case MI -> opinions.get(i).mutualInformation();
                };
            }
            scored.get(by).add(ScoredCase.of(ranking, scores));
            chosen.get(by).add(ranking.candidates().get(ScoredCase.best(scores)));
        }
    }

    /** The ranking metrics of the teacher when it ranks by the given score. */
    public RankingReport report(TeacherScore by) {
        return RankingReport.of(scored.get(by));
    }

    /** The candidate that each context liked best, in the order of the cases. */
    public List<String> chosen(TeacherScore by) {
        return List.copyOf(chosen.get(by));
    }
}
