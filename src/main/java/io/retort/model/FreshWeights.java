package io.retort.model;

import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Weights that a model has and the one it is trained from has not: a poly-encoder's codes. */
final class FreshWeights {
    private FreshWeights() {}

    /**
     * Adds codes to weights that lack them: normal, of standard deviation {@code 1 / √dim}, as poly-encoders' always
     * were.
     */
    static Map<String, Tensor> complete(ModelConfig config, Map<String, Tensor> weights, long seed) {
        if (config.codes() == 0 || weights.containsKey(PolyAttention.CODES)) return weights;
        Map<String, Tensor> all = new LinkedHashMap<>(weights);
        all.put(PolyAttention.CODES, normal(Shape.of(config.codes(), config.encoder().dim()), seed));
        return all;
    }

    private static Tensor normal(Shape shape, long seed) {
        Random random = new Random(seed);
        double deviation = 1 / Math.sqrt(shape.dim(-1));
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) values[i] = (float) (deviation * random.nextGaussian());
        return Tensor.of(values, shape.toArray());
    }
}
