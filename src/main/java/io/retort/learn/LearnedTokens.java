package io.retort.learn;

import io.retort.lm.TrainingText;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.BitSet;

/** A text for a generator in the making: tokens that it reads, and tokens that it learns. */
final class LearnedTokens {
    private final IntArrayList tokens = new IntArrayList();
    private final BitSet targets = new BitSet();

    LearnedTokens add(int[] more, boolean learned) {
        int from = tokens.size();
        tokens.addElements(from, more);
        // Nothing stands before the first token that it could be learned from.
        if (learned) targets.set(Math.max(1, from), Math.max(1, tokens.size()));
        return this;
    }

    boolean teaches() {
        return !targets.isEmpty();
    }

    TrainingText text() {
        boolean[] flags = new boolean[tokens.size()];
        targets.stream().forEach(at -> flags[at] = true);
        return new TrainingText(tokens.toIntArray(), flags);
    }
}
