package io.retort.learn;

import io.retort.dialogue.Context;

/**
 * A context to train on, with its candidates C_i, of which no two are one reply in two spellings. The arrays are the
 * record's own.
 *
 * @param id      of the distilled context, or {@code DIALOGUE#TURN} with the reply's place in its dialogue
 * @param replies their places in the response set; the original reply first
 * @param teacher the teacher's score of each; empty where no teacher is asked
 */
record Example(String id, Context context, int[] replies, double[] teacher) {
}
