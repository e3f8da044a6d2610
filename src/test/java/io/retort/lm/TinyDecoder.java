package io.retort.lm;

import io.retort.graph.Engine;
import io.retort.tensor.TensorFile;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A tiny random decoder and what transformers says of it ({@code bench/peers/decoder_golden.py}).
 *
 * @param ids       {@code [texts][time]}
 * @param logits    {@code [texts][time][vocabulary]}
 * @param gradients of the loss, by the published names of parameters
 */
public record TinyDecoder(Path folder, int[][] ids, float[][][] logits, double loss, Map<String, float[]> gradients) {
    static final List<String> NAMES = List.of("tiny-llama", "tiny-llama-head", "tiny-gpt2");

    public static TinyDecoder of(String name) throws IOException {
        return of(Path.of("src/test/resources/io/retort/lm", name));
    }

    static TinyDecoder of(Path folder) throws IOException {
        try (TensorFile file = TensorFile.open(folder.resolve("golden.safetensors"))) {
            Tensor ids = file.read("ids"), logits = file.read("logits");
            int texts = logits.shape().dim(0), time = logits.shape().dim(1), vocabulary = logits.shape().dim(2);
            int[] flatIds = ids.data()
                    .toArray(ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN));
            float[] flat = logits.toFloats();
            int[][] idRows = new int[texts][time];
            float[][][] rows = new float[texts][time][vocabulary];
            for (int i = 0; i < texts; i++) {
                System.arraycopy(flatIds, i * time, idRows[i], 0, time);
                for (int t = 0; t < time; t++) {
                    System.arraycopy(flat, (i * time + t) * vocabulary, rows[i][t], 0, vocabulary);
                }
            }
            Map<String, float[]> gradients = new TreeMap<>();
            for (String tensor : file.tensors().keySet()) {
                if (tensor.startsWith("grad.")) gradients.put(tensor.substring(5), file.read(tensor).toFloats());
            }
            return new TinyDecoder(folder, idRows, rows, file.read("loss").toFloats()[0], gradients);
        }
    }

    LanguageModel load(Engine engine) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(folder)) {
            return files.load(engine);
        }
    }

    TrainableDecoder trainable(Engine engine) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(folder)) {
            return files.trainable(engine);
        }
    }

    /** {@code log P} of the token at place t, out of the reference's logits. */
    double logProbability(int text, int t) {
        float[] row = logits[text][t - 1];
        double sum = 0;
        for (float logit : row) sum += Math.exp(logit);
        return row[ids[text][t]] - Math.log(sum);
    }
}
