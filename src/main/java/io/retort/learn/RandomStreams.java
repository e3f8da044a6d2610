package io.retort.learn;

import java.util.SplittableRandom;

/** Random numbers that are pure functions of a run's seed, of what they are for, and of a number (a step, an epoch). */
final class RandomStreams {
    /** Stream from which the order of examples in an epoch is drawn. */
    static final int ORDER = 1;
    /** Stream from which a step's candidates and random negatives are drawn. */
    static final int DRAW = 2;
    /** Stream from which the seed of a step's dropout is drawn. */
    static final int DROPOUT = 3;
    /** Stream from which the replies are drawn among which hard negatives are mined. */
    static final int MINING = 4;
    /** Stream from which it is drawn which speaker of a dialogue counts as the one who replies. */
    static final int LABELS = 5;
    /** Stream from which a step's share of the negatives listed in files is drawn. */
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
