package io.retort.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.DotScoring;
import io.retort.retrieval.EncoderConfig;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.Pooling;
import io.retort.retrieval.RandomModels;
import io.retort.retrieval.ReferenceEncoder;
import io.retort.retrieval.RetrievalModel;
import io.retort.retrieval.Similarity;
import io.retort.retrieval.TinyTokenizer;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder like those of sentence-transformers, and what its vectors should be, from the equations in double. */
abstract class SentenceTransformersFixture {
    static final ObjectMapper JSON = new ObjectMapper();
    static final EncoderConfig ENCODER = RandomModels.encoder(EncoderConfig.NormPlacement.POST,
            EncoderConfig.Activation.GELU, 1e-12);
    static final int DIM = ENCODER.dim();
    /** Of 6, 3 and 12 tokens with those around them; words are their own ids. */
    static final List<String> TEXTS = List.of("w5 w6 w7 w8", "w40", "w9 w10 w11 w12 w13 w14 w15 w16 w17 w18");

    @TempDir
    Path root;
    Path folder;
    SequencedMap<String, Tensor> weights;
    final StringBuilder modules = new StringBuilder();
    int count;

    @BeforeEach
    void transformer() throws IOException {
        folder = Files.createDirectory(root.resolve("foreign"));
        ModelConfig plain = new ModelConfig(new DotScoring(), ENCODER, true, Pooling.MEAN, Similarity.DOT, 1,
                RandomModels.TEXT);
        weights = new LinkedHashMap<>(RandomModels.weights(plain, 7));
        ObjectNode config = (ObjectNode) JSON.readTree(ModelConfigJson.write(plain));
        config.remove("retort");
        write("config.json", config.toString());
        tokenizer("{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"[CLS]\"}}, "
                + "{\"Sequence\": {\"id\": \"A\"}}, {\"SpecialToken\": {\"id\": \"[SEP]\"}}]}");
        save();
    }

    void tokenizer(String postProcessor) throws IOException {
        ObjectNode tokenizer = (ObjectNode) JSON.readTree(TinyTokenizer.json(50));
        tokenizer.set("post_processor", JSON.readTree(postProcessor));
        write("tokenizer.json", tokenizer.toString());
    }

    void save() throws IOException {
        SafetensorsWriter.write(folder.resolve("model.safetensors"), weights, Map.of());
    }

    void write(String name, String content) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.writeString(folder.resolve(name), content);
    }

    /** Lists a module, with the content of its config.json unless that is empty. */
    void module(String path, String type, String config) throws IOException {
        String item = "{\"idx\": " + count + ", \"name\": \"" + count++ + "\", \"path\": \"" + path + "\", \"type\": \""
                + (type.contains(".") ? type : "sentence_transformers.models." + type) + "\"}";
        modules.append(modules.isEmpty() ? "" : ", ").append(item);
        write("modules.json", "[" + modules + "]");
        if (!config.isEmpty()) write(path + "/config.json", config);
    }

    void transformerAndPooling(String... modes) throws IOException {
        module("", "Transformer", "");
        ObjectNode config = JSON.createObjectNode().put("word_embedding_dimension", DIM);
        for (String mode : List.of("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens",
                "weightedmean_tokens", "lasttoken")) {
            config.put("pooling_mode_" + mode, List.of(modes).contains(mode));
        }
        module("1_Pooling", "Pooling", config.toString());
    }

    Map<String, Tensor> dense(String path, int in, int out, boolean bias, String activation)
            throws IOException {
        module(path, "Dense", "{\"in_features\": " + in + ", \"out_features\": " + out + ", \"bias\": " + bias
                + ", \"activation_function\": \"torch.nn.modules." + activation + "\"}");
        SequencedMap<String, Tensor> layer = new LinkedHashMap<>();
        layer.put("linear.weight", random(out * 31 + in, out, in));
        if (bias) layer.put("linear.bias", random(out, out));
        SafetensorsWriter.write(folder.resolve(path).resolve("model.safetensors"), layer, Map.of());
        return layer;
    }

    static Tensor random(long seed, int... dims) {
        java.util.Random random = new java.util.Random(seed);
        float[] values = new float[Arrays.stream(dims).reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) values[i] = (float) (0.4 * random.nextGaussian());
        return Tensor.of(values, dims);
    }

    // What should come out.

    double[][] hidden(String text, int limit) {
        int[] words = Arrays.stream(text.split(" ")).mapToInt(word -> Integer.parseInt(word.substring(1))).toArray();
        int kept = Math.min(words.length, limit - 2);
        int[] ids = new int[kept + 2];
        ids[0] = 2;
        System.arraycopy(words, 0, ids, 1, kept);
        ids[kept + 1] = 3;
        return new ReferenceEncoder(ENCODER, weights).hidden(ids);
    }

    static double[] pooled(double[][] hidden, String... modes) {
        double[] all = new double[modes.length * DIM];
        int n = hidden.length;
        for (int m = 0; m < modes.length; m++) {
            for (int j = 0; j < DIM; j++) {
                double sum = 0, weighted = 0, most = Double.NEGATIVE_INFINITY;
                for (int t = 0; t < n; t++) {
                    sum += hidden[t][j];
                    weighted += (t + 1) * hidden[t][j];
                    most = Math.max(most, hidden[t][j]);
                }
                all[m * DIM + j] = switch (modes[m]) {
                    case "cls_token" -> hidden[0][j];
                    case "mean_tokens" -> sum / n;
                    case "max_tokens" -> most;
                    case "mean_sqrt_len_tokens" -> sum / Math.sqrt(n);
                    case "weightedmean_tokens" -> weighted / (n * (n + 1) / 2.0);
                    case "lasttoken" -> hidden[n - 1][j];
                    default -> throw new IllegalArgumentException(modes[m]);
                };
            }
        }
        return all;
    }

    static double[] dense(double[] x, Map<String, Tensor> layer, String activation) {
        double[] w = layer.get("linear.weight").toDoubles();
        double[] y = new double[w.length / x.length];
        double[] bias = layer.containsKey("linear.bias") ? layer.get("linear.bias").toDoubles() : new double[y.length];
        for (int o = 0; o < y.length; o++) {
            double z = bias[o];
            for (int i = 0; i < x.length; i++) z += w[o * x.length + i] * x[i];
            y[o] = switch (activation) {
                case "linear.Identity" -> z;
                case "activation.Tanh" -> Math.tanh(z);
                case "activation.GELU" -> z * 0.5 * (1 + Erf.erf(z / Math.sqrt(2)));
                case "activation.ReLU" -> Math.max(z, 0);
                case "activation.Sigmoid" -> 1 / (1 + Math.exp(-z));
                case "activation.SiLU" -> z / (1 + Math.exp(-z));
                default -> throw new IllegalArgumentException(activation);
            };
        }
        return y;
    }

    static double[] unit(double[] x) {
        double length = Math.sqrt(ReferenceEncoder.dot(x, x));
        return Arrays.stream(x).map(value -> value / length).toArray();
    }

    /** Holds the vectors of the folder, of its import, and of an export of that, against those expected. */
    void assertVectors(UnaryOperator<double[]> afterPooling, int limit, String... modes) throws IOException {
        double[][] expected = new double[TEXTS.size()][];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = afterPooling.apply(pooled(hidden(TEXTS.get(i), limit), modes));
        }
        Path imported = root.resolve("imported");
        ModelImport.of(folder, null, ModelImport.Leniency.STRICT).write(imported,
                JsonNodeFactory.instance.objectNode());
        Path exported = root.resolve("exported");
        SentenceTransformersExport.write(ModelFolder.open(imported), exported);
        Path asOthersWouldReadIt = root.resolve("exported-by-others");
        io.retort.files.Folders.replace(exported, asOthersWouldReadIt);
        SentenceTransformersExport.write(ModelFolder.open(imported), exported);
        Path config = asOthersWouldReadIt.resolve("config.json");
        ObjectNode json = (ObjectNode) JSON.readTree(config.toFile());
        json.remove("retort");
        Files.writeString(config, json.toString());
        for (Engine engine : List.of(Engine.stock(), Engine.simd(1))) {
            for (Path path : List.of(folder, imported, exported, asOthersWouldReadIt)) {
                assertVectors(expected, path, engine);
                if (engine != Engine.stock() && path == imported) break;
            }
        }
    }

    static void assertVectors(double[][] expected, Path path, Engine engine) throws IOException {
        ModelFolder opened = ModelFolder.open(path);
        opened.check();
        try (RetrievalModel model = opened.load(engine)) {
            float[][] vectors = model.publishedReplies(TEXTS, Progress.NONE);
            assertEquals(expected[0].length, model.dim());
            for (int i = 0; i < expected.length; i++) {
                for (int j = 0; j < expected[i].length; j++) {
                    assertEquals(expected[i][j], vectors[i][j], 1e-5, path + ", " + TEXTS.get(i) + ", " + j);
                }
            }
            boolean cosine = opened.config().similarity() == Similarity.COSINE;
            float[] scores = model.score(Context.of(TEXTS.get(1)), model.encodeReplies(TEXTS, Progress.NONE));
            for (int i = 0; i < scores.length; i++) {
                double score = cosine
                        ? ReferenceEncoder.dot(unit(expected[1]), unit(expected[i]))
                        : ReferenceEncoder.dot(expected[1], expected[i]);
                assertEquals(score, scores[i], 1e-5 * Math.max(1, Math.abs(score)));
            }
        }
    }

    void assertRefused(String named) {
        String message = assertThrows(BadInput.class, () -> ModelFolder.open(folder)).getMessage();
        assertTrue(message.startsWith(folder.toString()) && message.contains(named), message);
        assertFalse(message.matches("(?s).*(JsonReadFeature|\\tat |Exception).*"), message);
        assertThrows(BadInput.class, () -> ModelImport.of(folder, null, ModelImport.Leniency.UNEXPECTED));
    }
}
