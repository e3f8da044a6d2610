package io.retort.cli;

import io.retort.chat.Replies;
import io.retort.chat.Replier;
import io.retort.dialogue.RankingCase;
import io.retort.eval.Latency;
import io.retort.model.RetrievalModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Contexts answered one at a time, as a user would wait for them: tokenising, encoding, search.
 *
 * @param chosen the replies
 * @param latency in nanoseconds, after warm-ups
 */
record Answers(List<String> chosen, Latency latency) {
    /** Out of an index. All contexts are answered, the first {@code timed} are timed. */
    static Answers outOf(Replier replier, List<RankingCase> cases, int timed) {
        for (int i = 0; i < Latency.WARM_UPS; i++) replier.reply(cases.get(i % cases.size()).context(), 1);
        List<String> chosen = new ArrayList<>(cases.size());
        long[] nanos = new long[cases.size()];
        for (int i = 0; i < cases.size(); i++) {
            Replies replies = replier.reply(cases.get(i).context(), 1);
            nanos[i] = replies.times().total();
            chosen.add(replies.ranked().getFirst().text());
        }
        return new Answers(chosen, Latency.of(Arrays.copyOf(nanos, Math.clamp(timed, 1, nanos.length)), 0));
    }

    /** Out of each case's own candidates, whose vectors are there already. */
    static Answers among(RetrievalModel model, List<RankingCase> cases, RankedCases ranked, int timed) {
        for (int i = 0; i < Latency.WARM_UPS; i++) nanos(model, cases.get(i % cases.size()), ranked);
        long[] nanos = new long[Math.clamp(timed, 1, cases.size())];
        for (int i = 0; i < nanos.length; i++) nanos[i] = nanos(model, cases.get(i), ranked);
        return new Answers(ranked.chosen(), Latency.of(nanos, 0));
    }

    private static long nanos(RetrievalModel model, RankingCase ranking, RankedCases ranked) {
        float[][] vectors = ranked.vectors().of(ranking.candidates());
        long started = System.nanoTime();
        RankedCases.best(model.score(ranking.context(), vectors));
        return System.nanoTime() - started;
    }
}
