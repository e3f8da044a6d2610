package io.retort.generate;

import io.retort.simd.Kernels;

/** Chooses the most probable token, the smallest of equals: {@link Decoding.Greedy}. One thread. */
final class GreedyChooser implements TokenChooser {
    private final Kernels kernels = Kernels.best();

    @Override
    public int choose(float[] scores, int place) {
        int best = NONE;
        float bar = -Float.MAX_VALUE;
        // Each round finds the next one that is greater: about log(scores.length) rounds.
        for (int i = 0; (i = kernels.firstAtLeast(scores, i, scores.length, bar)) < scores.length; i++) {
            best = i;
            bar = Math.nextUp(scores[i]);
        }
        return best;
    }
}
