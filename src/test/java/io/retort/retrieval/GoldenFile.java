package io.retort.retrieval;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.Engine;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.text.LengthBuckets;
import io.retort.text.TokenBatch;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What ONNX Runtime answered on a number of texts; made by bench/peers/encoder_golden.py.
 *
 * @param texts token ids
 * @param positions one of each text's tokens
 * @param hidden its last hidden state, {@code [texts, dim]}
 * @param pooled mean over all of a text's tokens, {@code [texts, dim]}
 */
public record GoldenFile(List<int[]> texts, int[] positions, float[] hidden, float[] pooled) {
    /** The issue's own. */
    private static final double TOLERANCE = 1e-4;

    public static GoldenFile of(String model) throws IOException {
        Path path = Path.of("src/test/resources/io/retort/retrieval", model + ".golden.safetensors");
        try (TensorFile file = TensorFile.open(path)) {
            int[] ids = ints(file, "ids");
            int[] offsets = ints(file, "offsets");
            List<int[]> texts = new ArrayList<>();
            for (int i = 0; i + 1 < offsets.length; i++) texts.add(Arrays.copyOfRange(ids, offsets[i], offsets[i + 1]));
            return new GoldenFile(texts, ints(file, "positions"), file.read("hidden").toFloats(),
                    file.read("pooled").toFloats());
        }
    }

    private static int[] ints(TensorFile file, String name) {
        return file.read(name).data().toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }

    /** Each so many-th of the texts. */
    GoldenFile each(int step) {
        int dim = hidden.length / texts.size(), count = (texts.size() + step - 1) / step;
        List<int[]> some = new ArrayList<>();
        int[] at = new int[count];
        float[] states = new float[count * dim], means = new float[count * dim];
        for (int i = 0; i < count; i++) {
            some.add(texts.get(i * step));
            at[i] = positions[i * step];
            System.arraycopy(hidden, i * step * dim, states, i * dim, dim);
            System.arraycopy(pooled, i * step * dim, means, i * dim, dim);
        }
        return new GoldenFile(some, at, states, means);
    }

    /** The last hidden states of every text, {@code [tokens, dim]} each, computed in padded batches. */
    public float[][] hiddenStates(ModelConfig config, Map<String, Tensor> weights, Engine engine) {
        int dim = config.encoder().dim();
        float[][] all = new float[texts.size()][];
        try (Tower tower = Tower.hidden(config, "", weights, engine)) {
            for (TokenBatch batch : new LengthBuckets(2048, config.encoder().maxTokens()).plan(texts, 0)) {
                float[] states = tower.run(batch).toFloats();
                for (int row = 0; row < batch.batch(); row++) {
                    int from = row * batch.time() * dim;
                    all[batch.rows()[row]] = Arrays.copyOfRange(states, from, from + batch.lengths()[row] * dim);
                }
            }
        }
        return all;
    }

    /** The last hidden states of one batch, {@code [batch, time, dim]}, by the stock engine. */
    public static float[] hiddenStates(ModelConfig config, Map<String, Tensor> weights, TokenBatch batch) {
        return hiddenStates(config, weights, batch, Engine.stock());
    }

    /** The last hidden states of one batch, {@code [batch, time, dim]}. */
    public static float[] hiddenStates(ModelConfig config, Map<String, Tensor> weights, TokenBatch batch,
            Engine engine) {
        try (Tower tower = Tower.hidden(config, "", weights, engine)) {
            return tower.run(batch).toFloats();
        }
    }

    /** The mean of a text's hidden states. */
    static float[] mean(float[] states, int dim) {
        float[] mean = new float[dim];
        int tokens = states.length / dim;
        for (int j = 0; j < dim; j++) {
            double sum = 0;
            for (int t = 0; t < tokens; t++) sum += states[t * dim + j];
            mean[j] = (float) (sum / tokens);
        }
        return mean;
    }

    public void assertHiddenAndPooled(float[][] states, int dim) {
        double worstHidden = 0;
        double worstPooled = 0;
        for (int text = 0; text < states.length; text++) {
            float[] mean = mean(states[text], dim);
            for (int j = 0; j < dim; j++) {
                float sampled = states[text][positions[text] * dim + j];
                worstHidden = worse(worstHidden, sampled - hidden[text * dim + j]);
                worstPooled = worse(worstPooled, mean[j] - pooled[text * dim + j]);
            }
        }
        assertSmall("hidden states", worstHidden);
        assertSmall("pooled vectors", worstPooled);
    }

    /** The greater difference; NaN is greater than all. */
    static double worse(double worst, double difference) {
        return Math.abs(difference) <= worst ? worst : Math.abs(difference);
    }

    static void assertSmall(String what, double worst) {
        assertTrue(worst <= TOLERANCE, what + " differ from ONNX Runtime's by " + worst);
    }
}
