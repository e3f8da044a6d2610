package io.retort.distill;

import io.retort.dialogue.Context;

/**
 * A context to train on, with its candidates C_i, of which no two are one reply in two spellings. The arrays are the
 * record's own.
 *
 * @param replies their places in the response set; the original reply first
 * @param teacher the teacher's score of each; empty where no teacher is asked
 */
record Example(Context context, int[] replies, double[] teacher) {
}
