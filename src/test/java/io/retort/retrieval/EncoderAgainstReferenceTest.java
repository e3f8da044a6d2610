package io.retort.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.graph.Engine;
import io.retort.tensor.Tensor;
import io.retort.text.TokenBatch;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EncoderAgainstReferenceTest {
    /** Lengths of one batch: padding, and a text of one token, included. */
    private static final int[] LENGTHS = {7, 1, 12, 3};
    private static final int TIME = 16;

    @ParameterizedTest
    @CsvSource({"POST, GELU, 1e-12", "PRE, GELU, 1e-5", "POST, GELU_TANH, 1e-5", "PRE, GELU_TANH, 1e-12"})
    void hiddenStatesEqualTheEquationsWhateverThePadding(EncoderConfig.NormPlacement norms,
            EncoderConfig.Activation activation, double epsilon) {
        EncoderConfig encoder = RandomModels.encoder(norms, activation, epsilon);
        ModelConfig config = new ModelConfig(new DotScoring(), encoder, true, Pooling.MEAN, Similarity.DOT,
                1, RandomModels.TEXT);
        Map<String, Tensor> weights = RandomModels.weights(config, 1);
        int[][] texts = texts();
        ReferenceEncoder reference = new ReferenceEncoder(encoder, weights);
        try (Tower tower = Tower.hidden(config, "", weights, Engine.stock())) {
            float[] actual = tower.run(batch(texts)).toFloats();
            for (int text = 0; text < texts.length; text++) {
                double[][] expected = reference.hidden(texts[text]);
                for (int t = 0; t < expected.length; t++) {
                    for (int j = 0; j < encoder.dim(); j++) {
                        assertEquals(expected[t][j], actual[(text * TIME + t) * encoder.dim() + j], 2e-5);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Pooling.class)
    void poolingIsTheWeightedMeanOfHiddenStates(Pooling pooling) {
        EncoderConfig encoder = RandomModels.encoder(EncoderConfig.NormPlacement.POST, EncoderConfig.Activation.GELU,
                1e-12);
        double scaling = 0.06;
        ModelConfig config = new ModelConfig(new DotScoring(), encoder, true, pooling, Similarity.DOT,
                scaling, RandomModels.TEXT);
        Map<String, Tensor> weights = RandomModels.weights(config, 2);
        int[][] texts = texts();
        ReferenceEncoder reference = new ReferenceEncoder(encoder, weights);
        try (Tower tower = Tower.pooled(config, "", weights, Engine.stock())) {
            float[] actual = tower.run(batch(texts)).toFloats();
            for (int text = 0; text < texts.length; text++) {
                double[][] hidden = reference.hidden(texts[text]);
                for (int j = 0; j < encoder.dim(); j++) {
                    double expected = scaling * pooled(pooling, hidden, j);
                    assertEquals(expected, actual[text * encoder.dim() + j], 1e-6);
                }
            }
        }
    }

    private static double pooled(Pooling pooling, double[][] hidden, int j) {
        int n = hidden.length;
        if (pooling == Pooling.MAXIMUM) return Arrays.stream(hidden).mapToDouble(row -> row[j]).max().orElseThrow();
        double sum = 0;
        for (int t = 0; t < n; t++) {
            sum += hidden[t][j] * switch (pooling) {
                case MEAN -> 1.0 / n;
                case FIRST -> t == 0 ? 1 : 0;
                case WEIGHTED -> (t + 1) / (n * (n + 1) / 2.0);
                case MEAN_SQRT -> 1 / Math.sqrt(n);
                case LAST -> t == n - 1 ? 1 : 0;
                case MAXIMUM -> throw new IllegalStateException();
            };
        }
        return sum;
    }

    @Test
    void cosineVectorsHaveLengthOneAndTheSameDirection() {
        ModelConfig dot = RandomModels.biEncoder(true, Similarity.DOT, 1);
        ModelConfig cosine = RandomModels.biEncoder(true, Similarity.COSINE, 1);
        Map<String, Tensor> weights = RandomModels.weights(dot, 3);
        int dim = dot.encoder().dim();
        try (Tower plain = Tower.pooled(dot, "", weights, Engine.stock());
                Tower unit = Tower.pooled(cosine, "", weights, Engine.stock())) {
            float[] a = plain.run(batch(texts())).toFloats();
            float[] b = unit.run(batch(texts())).toFloats();
            for (int text = 0; text < LENGTHS.length; text++) {
                double aa = 0;
                double bb = 0;
                double ab = 0;
                for (int j = text * dim; j < (text + 1) * dim; j++) {
                    aa += a[j] * a[j];
                    bb += b[j] * b[j];
                    ab += a[j] * b[j];
                }
                assertEquals(1, bb, 1e-6);
                assertEquals(Math.sqrt(aa), ab, 1e-5);
            }
        }
    }

    private static TokenBatch batch(int[][] texts) {
        int[] ids = new int[texts.length * TIME];
        for (int text = 0; text < texts.length; text++)
            System.arraycopy(texts[text], 0, ids, text * TIME, texts[text].length);
        return new TokenBatch(ids, LENGTHS, TIME, new int[]{0, 1, 2, 3});
    }

    private static int[][] texts() {
        Random random = new Random(4);
        int[][] texts = new int[LENGTHS.length][];
        for (int i = 0; i < texts.length; i++) texts[i] = RandomModels.ids(random, LENGTHS[i]);
        return texts;
    }
}
