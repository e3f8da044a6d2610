package io.retort.model;

import io.retort.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Weights that a model has and the one it is trained from has not: those of its scoring form. */
final class FreshWeights {
    private FreshWeights() {}

    /** Adds first values of the form's parameters to weights that lack them. */
    static Map<String, Tensor> complete(ModelConfig config, Map<String, Tensor> weights, long seed) {
        Map<String, Tensor> all = new LinkedHashMap<>(weights);
        Random random = new Random(seed);
        ModelParameters.ofForm(config).forEach((name, shape) -> {
            if (!weights.containsKey(name)) all.put(name, config.form().initial(name, shape, random));
        });
        return all;
    }
}
