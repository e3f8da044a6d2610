package io.retort.generate;

/** Chooses the next token of one completion. One thread. */
@FunctionalInterface
interface TokenChooser {
    /** There is nothing to choose from. */
    int NONE = -1;

    /**
     * @param scores logits, negative infinity for what may not be chosen; the chooser may change them
     * @param place  of the token in the completion, from 0
     * @return a token, or {@link #NONE}
     */
    int choose(float[] scores, int place);
}
