package io.retort.retrieval;

import io.retort.store.ModelConfigJson;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.text.TextFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Small models with random weights. */
public final class RandomModels {
    public static final TextFormat TEXT = new TextFormat("[CLS]", "[SEP]", "[SEP]", "[PAD]", 24, 16, "", "");

    private RandomModels() {}

    public static EncoderConfig encoder(EncoderConfig.NormPlacement norms, EncoderConfig.Activation activation,
            double epsilon) {
        int offset = norms == EncoderConfig.NormPlacement.PRE ? 2 : 0;
        return new EncoderConfig(50, 24, 3, 4, 40, 40 + offset, offset, 2, epsilon, activation, norms);
    }

    /** A small encoder of a family, of those that transformers saved for the tests. */
    public static EncoderConfig ofFamily(String name) throws IOException {
        return ModelConfigJson.read(Path.of("src/test/resources/io/retort/retrieval/families", name, "config.json"))
                .encoder();
    }

    public static ModelConfig biEncoder(boolean tied, Similarity similarity, double scaling) {
        EncoderConfig encoder = encoder(EncoderConfig.NormPlacement.POST, EncoderConfig.Activation.GELU, 1e-12);
        return new ModelConfig(new DotScoring(), encoder, tied, Pooling.MEAN, similarity, scaling, TEXT);
    }

    public static ModelConfig polyEncoder(boolean tied, int codes) {
        return scored(new PolyScoring(codes), tied);
    }

    public static ModelConfig scored(ScoringForm form, boolean tied) {
        EncoderConfig encoder = encoder(EncoderConfig.NormPlacement.POST, EncoderConfig.Activation.GELU, 1e-12);
        return new ModelConfig(form, encoder, tied, Pooling.MEAN, Similarity.DOT, 1, TEXT);
    }

    public static Map<String, Tensor> weights(ModelConfig config, long seed) {
        Random random = new Random(seed);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        ModelParameters.of(config).forEach((name, shape) -> weights.put(name, tensor(name, shape, random)));
        return weights;
    }

    /** One side's weights, by the names of a bare encoder. */
    public static Map<String, Tensor> side(Map<String, Tensor> weights, String prefix) {
        Map<String, Tensor> side = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) side.put(name.substring(prefix.length()), tensor);
        });
        return side;
    }

    private static Tensor tensor(String name, Shape shape, Random random) {
        float[] values = new float[(int) shape.size()];
        boolean gain = name.endsWith("LayerNorm.weight") || name.endsWith("norm.weight");
        for (int i = 0; i < values.length; i++) values[i] = (float) (random.nextGaussian() * 0.3 + (gain ? 1 : 0));
        return Tensor.of(values, shape.toArray());
    }

    public static int[] ids(Random random, int length) {
        return random.ints(length, 0, 50).toArray();
    }
}
