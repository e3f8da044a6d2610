package io.retort.generate;

import io.retort.model.Sequence;
import java.util.List;

/** A completion of its own, whose tokens are chosen one by one. */
final class SingleHypothesis implements Hypotheses {
    private final Choosing choosing;
    private final TokenChooser chooser;
    private final Sequence sequence;
    private final History history;
    private final int limit;
    private StopReason reason;

    /**
     * @param sequence that of the prompt, owned from now on
     * @param limit    most tokens
     */
    SingleHypothesis(Choosing choosing, TokenChooser chooser, Sequence sequence, int[] prompt, int limit) {
        this.choosing = choosing;
        this.chooser = chooser;
        this.sequence = sequence;
        this.history = History.of(prompt);
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
        int token = chooser.choose(choosing.constrained(logits[first], history), history.replyLength());
        if (token == TokenChooser.NONE) {
            reason = StopReason.BLOCKED;
        } else {
            history.add(token);
            reason = choosing.stops().reason(history, limit);
        }
    }

    @Override
    public boolean isFinished() {
        return reason != null;
    }

    @Override
    public List<Completion> completions() {
        return List.of(choosing.stops().completion(history, reason));
    }

    @Override
    public void close() {
        sequence.close();
    }
}
