package io.retort.learn;

import java.util.SplittableRandom;

/** Random numbers that are pure functions of a run's seed, of what they are for, and of a number (a step, an epoch). */
final class RandomStreams {
    /** The order of an epoch. */
    static final int ORDER = 1;
    /** A step's candidates and negatives. */
    static final int DRAW = 2;
    /** A step's dropout. */
    static final int DROPOUT = 3;
    /** Replies that hard negatives are mined from. */
    static final int MINING = 4;
    /** Which speaker of a dialogue is who replies. */
    static final int LABELS = 5;
    /** A step's negatives out of files. */
    static final int LISTED = 6;

    private RandomStreams() {}

    static SplittableRandom random(long seed, int purpose, long number) {
        return new SplittableRandom(of(seed, purpose, number));
    }

    static long of(long seed, int purpose, long number) {
        return mixed(mixed(mixed(seed) + purpose) + number);
    }

    /** A permutation of all longs (Stafford's variant 13): neighbours give unrelated streams. */
    private static long mixed(long z) {
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
