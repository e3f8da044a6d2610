package io.retort.generate;

import io.retort.lm.Sequence;
import java.util.List;

/** A completion of its own, whose tokens are chosen one by one. */
final class SingleCompletion implements CompletionSearch {
    private final TokenSelection selection;
    private final TokenChooser chooser;
    private final Sequence sequence;
    private final History history;
    private final int limit;
    private StopReason reason;

    /**
     * @param sequence that of the prompt, owned from now on
     * @param history  of the prompt, to which tokens are added
     * @param limit    most tokens
     */
    SingleCompletion(TokenSelection selection, TokenChooser chooser, Sequence sequence, History history, int limit) {
        this.selection = selection;
        this.chooser = chooser;
        this.sequence = sequence;
        this.history = history;
        this.limit = limit;
    }

    @Override
    public List<Sequence> sequences() {
        return List.of(sequence);
    }

    @Override
    public List<int[]> nextTokens() {
        return List.of(new int[]{history.last()});
    }

    @Override
    public void advance(float[][] logits, int first) {
        int token = chooser.choose(selection.constrained(logits[first], history, limit), history.replyLength());
        if (token == TokenChooser.NONE) {
            reason = StopReason.BLOCKED;
        } else {
            history.add(token);
            reason = selection.stops().reason(history, limit);
        }
    }

    @Override
    public boolean isFinished() {
        return reason != null;
    }

    @Override
    public List<Completion> completions() {
        return List.of(selection.stops().completion(history, reason));
    }

    @Override
    public void close() {
        sequence.close();
    }
}
