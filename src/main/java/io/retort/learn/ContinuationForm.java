package io.retort.learn;

import io.retort.generate.Continuation;
import io.retort.lm.TrainingText;
import io.retort.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/** Lines {@code A: …} and {@code B: …}: the model learns every turn with its line break, but no label and no header. */
final class ContinuationForm implements DialogueForm {
    private final Continuation format;
    private final Tokenizer tokenizer;
    private final int[] opening;
    private final int[][] labels; // the other's, the replier's

    ContinuationForm(Continuation format, Tokenizer tokenizer) {
        this.format = format;
        this.tokenizer = tokenizer;
        this.opening = format.opening().encode(tokenizer);
        this.labels = new int[][]{Continuation.label(false).encode(tokenizer),
            Continuation.label(true).encode(tokenizer)};
    }

    @Override
    public int[] turn(String text) {
        return format.reply(text).encode(tokenizer);
    }

    @Override
    public int size(List<int[]> turns) {
        int label = Math.max(labels[0].length, labels[1].length);
        return opening.length + turns.stream().mapToInt(turn -> turn.length + label).sum();
    }

    @Override
    public boolean teaches(int turns) {
        return true;
    }

    @Override
    public TrainingText text(DialogueWindow window, boolean replierFirst, int longest) {
        LearnedTokens text = new LearnedTokens().add(opening, false);
        for (int i = 0; i < window.turns().size(); i++) {
            int[] turn = turn(window.turns().get(i));
            text.add(labels[replierFirst == (i % 2 == 0) ? 1 : 0], false);
            text.add(turn.length > longest ? Arrays.copyOf(turn, longest) : turn, i >= window.heard());
        }
        return text.text();
    }
}
