package io.retort.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Random token ids, the same in every run of the program and, by the same arithmetic, in the scripts of bench/peers, so
 * that results can be compared: Knuth's linear congruential generator modulo 2^32, of which the upper bits are used.
 */
final class RandomIds {
    /** The generator's state, an unsigned number of 32 bits. */
    private long state = 1;

    /** Makes the next {@code count} texts of {@code length} random ids below {@code vocabulary}. */
    List<int[]> next(int count, int length, int vocabulary) {
        List<int[]> texts = new ArrayList<>();
        for (int text = 0; text < count; text++) {
            int[] ids = new int[length];
            for (int t = 0; t < length; t++) {
                state = (state * 1_664_525 + 1_013_904_223) & 0xffff_ffffL;
                ids[t] = (int) ((state >>> 8) % vocabulary);
            }
            texts.add(ids);
        }
        return texts;
    }
}
