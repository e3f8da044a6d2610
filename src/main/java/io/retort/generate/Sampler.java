package io.retort.generate;

import io.retort.simd.Kernels;
import io.retort.simd.TopK;

/**
 * {@link Decoding.Sampling}: temperature, then top-k, then top-p, as transformers orders them. With top-k only the
 * candidates' exponentials are computed; without, those of the vocabulary by the vector kernel. For use by one thread.
 */
final class Sampler {
    private final RowFunctions functions;
    private final Candidates candidates = new Candidates();
    private final Kernels kernels = Kernels.best();

    Sampler(RowFunctions functions) {
        this.functions = functions;
    }

    /**
     * @param scores logits, negative infinity for what may not be chosen; used up
     * @param draw   uniform in [0, 1)
     * @return a token, or {@link TokenChooser#NONE}
     */
    int choose(Decoding.Sampling settings, float[] scores, double draw) {
        candidates.clear();
        double mass = settings.topK() > 0 && settings.topK() < scores.length
                ? best(settings, scores)
                : likely(settings, scores);
        if (settings.topP() < 1) candidates.keepNucleus(settings.topP() * mass);
        return candidates.draw(draw);
    }

    /** Keeps the k best tokens, and those that equal the last of them. */
    private double best(Decoding.Sampling settings, float[] scores) {
        TopK best = new TopK(settings.topK());
        best.offerAll(kernels, scores, scores.length, 0);
        float bar = Math.max(best.threshold(), -Float.MAX_VALUE);
        float[] max = {bar};
        best.drain((_, score) -> max[0] = Math.max(max[0], score));
        double mass = 0;
        for (int id = 0; (id = kernels.firstAtLeast(scores, id, scores.length, bar)) < scores.length; id++) {
            mass += candidates.add(id, (float) Math.exp((scores[id] - max[0]) / settings.temperature()));
        }
        return mass;
    }

    /** Those that may belong to the nucleus: all less probable ones together have less than 1 - p. */
    private double likely(Decoding.Sampling settings, float[] scores) {
        functions.softmax(scores, (float) (1 / settings.temperature()));
        float bar = Math.max((float) ((1 - settings.topP()) / scores.length), Float.MIN_VALUE);
        for (int id = 0; id < scores.length; id++) if (scores[id] >= bar) candidates.add(id, scores[id]);
        return 1;
    }
}
