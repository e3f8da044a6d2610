package io.retort.distill;

import java.util.List;

/**
 * A stretch of a dialogue that fits into what a generator is trained on at a time.
 *
 * @param turns  token ids of each turn, its line break included
 * @param heard  turns at the beginning that another window teaches already: here they are only read
 * @param tokens of the whole stretch with labels and whatever stands before it
 */
record DialogueWindow(List<int[]> turns, int heard, int tokens) {
}
