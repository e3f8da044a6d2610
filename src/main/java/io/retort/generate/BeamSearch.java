package io.retort.generate;

import io.retort.generate.Decoding.Patience;
import io.retort.lm.Sequence;
import io.retort.simd.Kernels;
import io.retort.simd.TopK;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Beam search as transformers does it, step by step: log-probabilities are constrained and added to those of their
 * hypothesis; of all continuations the best 2 x width (more with several end tokens) are looked at; those that end
 * count as finished if they are among the best {@code width}, the best {@code width} of the others go on.
 */
final class BeamSearch implements CompletionSearch {
    private static final Comparator<Finished> BEST_FIRST = Comparator.comparingDouble(hypothesis -> -hypothesis.rank);

    private final TokenSelection selection;
    private final Decoding.Beam settings;
    private final int wanted;
    private final int limit;
    private final Kernels kernels = Kernels.best();
    private List<Running> running;
    private List<Finished> finished = new ArrayList<>();
    private boolean over;

    /** A hypothesis that is still growing, with its log-probability so far. */
    private record Running(Sequence sequence, History history, float score) {
    }

    /** A hypothesis that has ended, with the score that it is ranked by. */
    private record Finished(History history, StopReason reason, float rank) {
    }

    /** A token that may follow one of the running hypotheses, with the log-probability of the result. */
    private record Continuation(int parent, int token, float score) {
    }

    /**
     * @param sequence that of the prompt, owned from now on
     * @param history  of the prompt, without a token after it
     * @param wanted   completions
     * @param limit    most tokens
     */
    BeamSearch(TokenSelection selection, Decoding.Beam settings, Sequence sequence, History history, int wanted,
            int limit) {
        this.selection = selection;
        this.settings = settings;
        this.wanted = wanted;
        this.limit = limit;
        running = List.of(new Running(sequence, history, 0));
    }

    @Override
    public List<Sequence> sequences() {
        return running.stream().map(Running::sequence).toList();
    }

    @Override
    public List<int[]> nextTokens() {
        return running.stream().map(hypothesis -> new int[]{hypothesis.history.last()}).toList();
    }

    @Override
    public void advance(float[][] logits, int first) {
        List<Running> next = new ArrayList<>();
        Set<Sequence> taken = new HashSet<>();
        int place = 0;
        for (Continuation best : bestContinuations(logits, first)) {
            Running parent = running.get(best.parent);
            History history = parent.history.with(best.token);
            StopReason reason = selection.stops().reason(history, limit);
            if (reason != null && place < settings.width()) {
                finished.add(new Finished(history, reason, rank(best.score, history.replyLength())));
            } else if (reason == null && next.size() < settings.width()) {
                boolean alone = taken.add(parent.sequence);
                next.add(new Running(alone ? parent.sequence : parent.sequence.fork(), history, best.score));
            }
            place++;
        }
        finished.sort(BEST_FIRST);
        if (finished.size() > settings.width()) finished = new ArrayList<>(finished.subList(0, settings.width()));
        running.stream().map(Running::sequence).filter(sequence -> !taken.contains(sequence)).forEach(Sequence::close);
        if (next.isEmpty() && finished.isEmpty()) giveUp();
        running = next;
        over = next.isEmpty() || cannotImprove();
    }

    private List<Continuation> bestContinuations(float[][] logits, int first) {
        int vocabulary = logits[first].length;
        TopK best = new TopK(settings.width() * Math.max(2, 1 + selection.endTokens()));
        for (int i = 0; i < running.size(); i++) {
            float[] scores = selection.constrainedLogs(logits[first + i], running.get(i).history, limit);
            float score = running.get(i).score;
            for (int id = 0; id < vocabulary; id++) scores[id] += score;
            best.offerAll(kernels, scores, vocabulary, i * vocabulary);
        }
        List<Continuation> continuations = new ArrayList<>();
        best.drain((id, score) -> {
            if (score == Float.NEGATIVE_INFINITY) return;
            continuations.add(new Continuation(id / vocabulary, id % vocabulary, score));
        });
        return continuations;
    }

    /** Ends all hypotheses as they are, since the constraints forbid every token. */
    private void giveUp() {
        for (Running hypothesis : running) {
            finished.add(new Finished(hypothesis.history, StopReason.BLOCKED, hypothesis.score));
        }
    }

    private boolean cannotImprove() {
        if (finished.size() < settings.width()) return false;
        if (settings.patience() == Patience.NONE) return true;
        Running best = running.getFirst();
        boolean longest = settings.patience() == Patience.FULL && settings.lengthPenalty() > 0;
        return rank(best.score, longest ? limit : best.history.replyLength()) <= finished.getLast().rank;
    }

    private float rank(float score, int length) {
        return score / (float) Math.pow(length, settings.lengthPenalty());
    }

    @Override
    public boolean isFinished() {
        return over;
    }

    @Override
    public List<Completion> completions() {
        return finished.stream().limit(wanted)
                .map(hypothesis -> selection.stops().completion(hypothesis.history, hypothesis.reason)).toList();
    }

    @Override
    public void close() {
        running.stream().map(Running::sequence).forEach(Sequence::close);
    }
}
