package io.retort.generate;

/** Chooses the next token of one completion by the model's scores. For use by one thread. */
@FunctionalInterface
interface TokenChooser {
    /** Returned in place of a token where there is none to choose from. */
    int NONE = -1;

    /**
     * @param scores logits, negative infinity for what may not be chosen; the chooser may change them
     * @param place  of the token in the completion, from 0
     * @return a token, or {@link #NONE}
     */
    int choose(float[] scores, int place);
}
