package io.retort.distill;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
import io.retort.files.BadInput;
import io.retort.generate.Continuation;
import io.retort.model.TrainingText;
import io.retort.text.Tokenizer;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Dialogues as a generator is trained on them: as {@link Continuation} puts a context to it and expects the reply, token
 * for token. The model learns every turn with its line break, but no label and no header. Immutable.
 */
public final class DialogueTexts {
    /** Of a turn that is cut; fewer teach nothing. */
    private static final int FEWEST = 8;

    private final Continuation format;
    private final Tokenizer tokenizer;
    private final int maxTokens;
    private final int history;
    private final int[] opening;
    private final int[][] labels; // the other's, the replier's

    /**
     * @param maxTokens most tokens of a window
     * @param history   turns that a later window of a dialogue reads again before it goes on
     * @throws BadInput if a window has no room for a turn
     */
    public DialogueTexts(Continuation format, Tokenizer tokenizer, int maxTokens, int history) {
        this.format = format;
        this.tokenizer = tokenizer;
        this.maxTokens = maxTokens;
        this.history = history;
        this.opening = format.opening().encode(tokenizer);
        this.labels = new int[][]{Continuation.label(false).encode(tokenizer),
            Continuation.label(true).encode(tokenizer)};
        if (history < 0) throw BadInput.of("a history of " + history + " turns", "use 0 or more");
        if (opening.length + longestLabel() + FEWEST > maxTokens) {
            throw BadInput.of("at most " + maxTokens + " tokens leave no room for a turn", "allow more tokens");
        }
    }

    private int longestLabel() {
        return Math.max(labels[0].length, labels[1].length);
    }

    /** Cuts a dialogue at turns; a turn that is too long by itself loses its end. Turns of one speaker become one. */
    List<DialogueWindow> windows(Dialogue dialogue) {
        List<int[]> turns = new ArrayList<>();
        for (Turn turn : dialogue.merged().turns()) turns.add(fitting(format.reply(turn.text()).encode(tokenizer)));
        List<DialogueWindow> windows = new ArrayList<>();
        for (int next = 0; next < turns.size();) {
            int first = Math.max(0, next - history);
            while (first < next && size(turns.subList(first, next + 1)) > maxTokens) first++;
            int end = next + 1;
            while (end < turns.size() && size(turns.subList(first, end + 1)) <= maxTokens) end++;
            List<int[]> window = List.copyOf(turns.subList(first, end));
            windows.add(new DialogueWindow(window, next - first, size(window)));
            next = end;
        }
        return windows;
    }

    private int[] fitting(int[] turn) {
        return Arrays.copyOf(turn, Math.min(turn.length, maxTokens - opening.length - longestLabel()));
    }

    private int size(List<int[]> turns) {
        return opening.length + turns.stream().mapToInt(turn -> turn.length + longestLabel()).sum();
    }

    /**
     * A window as a text.
     *
     * @param replierFirst whose label the first turn has; speakers take turns from there
     */
    TrainingText text(DialogueWindow window, boolean replierFirst) {
        IntArrayList tokens = new IntArrayList(opening);
        BitSet targets = new BitSet();
        for (int i = 0; i < window.turns().size(); i++) {
            boolean replier = replierFirst == (i % 2 == 0);
            tokens.addElements(tokens.size(), labels[replier ? 1 : 0]);
            int from = tokens.size();
            tokens.addElements(from, window.turns().get(i));
            if (i >= window.heard()) targets.set(from, tokens.size());
        }
        boolean[] flags = new boolean[tokens.size()];
        targets.stream().forEach(at -> flags[at] = true);
        return new TrainingText(tokens.toIntArray(), flags);
    }
}
