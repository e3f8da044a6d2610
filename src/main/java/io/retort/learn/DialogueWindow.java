package io.retort.learn;

import java.util.List;

/**
 * A stretch of a dialogue that fits into what a generator is trained on at a time.
 *
 * @param turns  what was said
 * @param heard  turns at the beginning that another window teaches already: here they are only read
 * @param tokens of the whole stretch with what stands around its turns, about
 */
record DialogueWindow(List<String> turns, int heard, int tokens) {
    DialogueWindow {
        turns = List.copyOf(turns);
    }
}
