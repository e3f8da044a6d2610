package io.retort.learn;

import io.retort.lm.TrainingText;
import java.util.List;

/** How a stretch of a dialogue is written for a generator to learn: as it is asked later, token for token. Immutable. */
sealed interface DialogueForm permits ContinuationForm, ChatForm {
    /** A turn as it is learned, with the sign of its end. */
    int[] turn(String text);

    /** Most tokens of a text of such turns, whoever of the two begins. */
    int size(List<int[]> turns);

    /** Whether there is anything to learn from so many turns, of which none is heard only. */
    boolean teaches(int turns);

    /**
     * A window as a text.
     *
     * @param replierFirst whether the first turn is that of the one who replies; speakers take turns from there. Where
     *                     nothing would be learned so, it is the other way round
     * @param longest      tokens that a turn is cut to
     */
    TrainingText text(DialogueWindow window, boolean replierFirst, int longest);
}
