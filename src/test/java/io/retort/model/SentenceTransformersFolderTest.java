package io.retort.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders like those of sentence-transformers, and vectors computed from its equations in double. */
class SentenceTransformersFolderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final EncoderConfig ENCODER = RandomModels.encoder(NormPlacement.POST, Activation.GELU, 1e-12);
    private static final int DIM = ENCODER.dim();
    /** Of 6, 3 and 12 tokens with those around them; words are their own ids. */
    private static final List<String> TEXTS = List.of("w5 w6 w7 w8", "w40", "w9 w10 w11 w12 w13 w14 w15 w16 w17 w18");

    @TempDir
    Path root;
    private Path folder;
    private SequencedMap<String, Tensor> weights;
    private final StringBuilder modules = new StringBuilder();
    private int count;

    @BeforeEach
    void transformer() throws IOException {
        folder = Files.createDirectory(root.resolve("foreign"));
        ModelConfig plain = new ModelConfig(ModelConfig.Kind.BI_ENCODER, ENCODER, true, Pooling.MEAN, Similarity.DOT, 1,
                0, RandomModels.TEXT);
        weights = new LinkedHashMap<>(RandomModels.weights(plain, 7));
        ObjectNode config = (ObjectNode) JSON.readTree(ModelConfigJson.write(plain));
        config.remove("retort");
        write("config.json", config.toString());
        tokenizer("{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"[CLS]\"}}, "
                + "{\"Sequence\": {\"id\": \"A\"}}, {\"SpecialToken\": {\"id\": \"[SEP]\"}}]}");
        save();
    }

    private void tokenizer(String postProcessor) throws IOException {
        ObjectNode tokenizer = (ObjectNode) JSON.readTree(TinyTokenizer.json(50));
        tokenizer.set("post_processor", JSON.readTree(postProcessor));
        write("tokenizer.json", tokenizer.toString());
    }

    private void save() throws IOException {
        SafetensorsWriter.write(folder.resolve("model.safetensors"), weights, Map.of());
    }

    private void write(String name, String content) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.writeString(folder.resolve(name), content);
    }

    /** Lists a module, with the content of its config.json unless that is empty. */
    private void module(String path, String type, String config) throws IOException {
        String item = "{\"idx\": " + count + ", \"name\": \"" + count++ + "\", \"path\": \"" + path + "\", \"type\": \""
                + (type.contains(".") ? type : "sentence_transformers.models." + type) + "\"}";
        modules.append(modules.isEmpty() ? "" : ", ").append(item);
        write("modules.json", "[" + modules + "]");
        if (!config.isEmpty()) write(path + "/config.json", config);
    }

    private void transformerAndPooling(String... modes) throws IOException {
        module("", "Transformer", "");
        ObjectNode config = JSON.createObjectNode().put("word_embedding_dimension", DIM);
        for (String mode : List.of("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens",
                "weightedmean_tokens", "lasttoken")) {
            config.put("pooling_mode_" + mode, List.of(modes).contains(mode));
        }
        module("1_Pooling", "Pooling", config.toString());
    }

    private Map<String, Tensor> dense(String path, int in, int out, boolean bias, String activation)
            throws IOException {
        module(path, "Dense", "{\"in_features\": " + in + ", \"out_features\": " + out + ", \"bias\": " + bias
                + ", \"activation_function\": \"torch.nn.modules." + activation + "\"}");
        SequencedMap<String, Tensor> layer = new LinkedHashMap<>();
        layer.put("linear.weight", random(out * 31 + in, out, in));
        if (bias) layer.put("linear.bias", random(out, out));
        SafetensorsWriter.write(folder.resolve(path).resolve("model.safetensors"), layer, Map.of());
        return layer;
    }

    private static Tensor random(long seed, int... dims) {
        java.util.Random random = new java.util.Random(seed);
        float[] values = new float[Arrays.stream(dims).reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) values[i] = (float) (0.4 * random.nextGaussian());
        return Tensor.of(values, dims);
    }

    // What should come out.

    private double[][] hidden(String text, int limit) {
        int[] words = Arrays.stream(text.split(" ")).mapToInt(word -> Integer.parseInt(word.substring(1))).toArray();
        int kept = Math.min(words.length, limit - 2);
        int[] ids = new int[kept + 2];
        ids[0] = 2;
        System.arraycopy(words, 0, ids, 1, kept);
        ids[kept + 1] = 3;
        return new ReferenceEncoder(ENCODER, weights).hidden(ids);
    }

    private static double[] pooled(double[][] hidden, String... modes) {
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

    private static double[] dense(double[] x, Map<String, Tensor> layer, String activation) {
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

    private static double[] unit(double[] x) {
        double length = Math.sqrt(ReferenceEncoder.dot(x, x));
        return Arrays.stream(x).map(value -> value / length).toArray();
    }

    /** Holds the vectors of the folder, of its import, and of an export of that, against those expected. */
    private void assertVectors(UnaryOperator<double[]> afterPooling, int limit, String... modes) throws IOException {
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
        io.retort.files.Trees.replace(exported, asOthersWouldReadIt);
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

    private static void assertVectors(double[][] expected, Path path, Engine engine) throws IOException {
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

    @ParameterizedTest
    @ValueSource(strings = {"cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens",
        "lasttoken", "cls_token mean_tokens", "cls_token max_tokens mean_tokens mean_sqrt_len_tokens "
                + "weightedmean_tokens lasttoken",
        "max_tokens lasttoken"})
    void everyPoolingAndSeveralSideBySideAreThoseOfTheEquations(String modes) throws IOException {
        transformerAndPooling(modes.split(" "));
        module("2_Normalize", "Normalize", "");
        assertVectors(SentenceTransformersFolderTest::unit, 40, modes.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear.Identity", "activation.Tanh", "activation.GELU", "activation.ReLU",
        "activation.Sigmoid", "activation.SiLU"})
    void denseLayersFollowThePooling(String activation) throws IOException {
        transformerAndPooling("mean_tokens", "cls_token");
        Map<String, Tensor> first = dense("2_Dense", 2 * DIM, 10, true, activation);
        module("3_Dropout", "Dropout", "{\"dropout\": 0.5}");
        Map<String, Tensor> second = dense("4_Dense", 10, 7, false, "linear.Identity");
        module("5_Normalize", "Normalize", "");
        assertVectors(x -> unit(dense(dense(x, first, activation), second, "linear.Identity")), 40, "cls_token",
                "mean_tokens");
    }

    @Test
    void aDenseLayerMayFollowAMaximumOrAScalingToLengthOne() throws IOException {
        transformerAndPooling("max_tokens");
        module("2_Normalize", "Normalize", "");
        Map<String, Tensor> layer = dense("3_Dense", DIM, 5, true, "activation.Tanh");
        assertVectors(x -> dense(unit(x), layer, "activation.Tanh"), 40, "max_tokens");
    }

    @ParameterizedTest
    @CsvSource({"cosine, COSINE", "dot, DOT", "'', COSINE"})
    void withoutNormalizeVectorsStayAsTheyAreAndTheSimilarityRanks(String name, Similarity similarity)
            throws IOException {
        transformerAndPooling("mean_tokens");
        write("config_sentence_transformers.json",
                "{\"similarity_fn_name\": " + (name.isEmpty() ? "null" : "\"" + name + "\"") + "}");
        assertEquals(similarity, ModelFolder.open(folder).config().similarity());
        assertEquals(name.isEmpty(), !ModelFolder.open(folder).notes().isEmpty());
        assertVectors(x -> x, 40, "mean_tokens");
    }

    @Test
    void vectorsOfLengthOneByDotProductAreThoseByCosine() throws IOException {
        transformerAndPooling("mean_tokens");
        module("2_Normalize", "Normalize", "");
        write("config_sentence_transformers.json", "{\"similarity_fn_name\": \"dot\"}");
        assertVectors(SentenceTransformersFolderTest::unit, 40, "mean_tokens");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"pooling_mode\": \"mean\"}", "{\"pooling_mode_mean_tokens\": true, "
            + "\"pooling_mode_lasttoken\": null, \"include_prompt\": true}"})
    void theMeanIsTakenWhereNothingElseIsSaid(String config) throws IOException {
        module("", "Transformer", "");
        module("1_Pooling", "Pooling", config);
        assertVectors(x -> x, 40, "mean_tokens");
    }

    @Test
    void placesAndTypesOfOldAndNewVersionsAreKnown() throws IOException {
        for (String name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            Files.createDirectories(folder.resolve("parts/0_Transformer"));
            Files.move(folder.resolve(name), folder.resolve("parts/0_Transformer").resolve(name));
        }
        write("parts/0_Transformer/sentence_distilbert_config.json", "{\"max_seq_length\": 5}");
        module("parts/0_Transformer", "sentence_transformers.models.Transformer.Transformer", "");
        module("somewhere-else", "sentence_transformers.models.Pooling.Pooling", "{\"pooling_mode\": \"cls\"}");
        module("3", "sentence_transformers.sentence_transformer.modules.normalize.Normalize", "");
        assertVectors(SentenceTransformersFolderTest::unit, 5, "cls_token");
    }

    @ParameterizedTest
    @CsvSource({"'{\"max_seq_length\": 7}', '{\"model_max_length\": 9}', 7", "'{}', '{\"model_max_length\": 9}', 9",
        "'{\"max_seq_length\": null}', '{\"model_max_length\": 1e30}', 40", "'{\"max_seq_length\": 500}', '{}', 40"})
    void textsAreCutWhereTheFilesSay(String settings, String tokenizer, int limit) throws IOException {
        transformerAndPooling("mean_tokens");
        write("sentence_bert_config.json", settings);
        write("tokenizer_config.json", tokenizer);
        ModelConfig config = ModelFolder.open(folder).config();
        assertEquals(limit, config.text().maxContextTokens());
        assertEquals(limit, config.text().maxReplyTokens());
        assertEquals(settings.contains("500"),
                ModelFolder.open(folder).notes().toString().contains("positions for 40 tokens"));
        assertVectors(x -> x, limit, "mean_tokens");
    }

    @Test
    void textsArePutIntoSmallLettersWhereTheFilesSay() throws IOException {
        transformerAndPooling("mean_tokens");
        write("sentence_bert_config.json", "{\"do_lower_case\": true}");
        Path imported = root.resolve("lower");
        ModelImport.of(folder, null, ModelImport.Leniency.STRICT).write(imported,
                JsonNodeFactory.instance.objectNode());
        for (Path path : List.of(folder, imported)) {
            try (RetrievalModel model = ModelFolder.open(path).load(Engine.stock())) {
                assertArrayEquals(model.inputs().reply("w5 w6"), model.inputs().reply("W5 w6"));
            }
        }
        write("sentence_bert_config.json", "{\"do_lower_case\": false}");
        try (RetrievalModel model = ModelFolder.open(folder).load(Engine.stock())) {
            assertFalse(Arrays.equals(model.inputs().reply("w5 w6"), model.inputs().reply("W5 w6")));
        }
    }

    @Test
    void theTokenizersSettingsReplaceItsNormalizersAsTransformersDoes() throws IOException {
        ObjectNode tokenizer = (ObjectNode) JSON.readTree(folder.resolve("tokenizer.json").toFile());
        tokenizer.putObject("normalizer").put("type", "BertNormalizer").put("clean_text", true)
                .put("handle_chinese_chars", true).put("lowercase", false).putNull("strip_accents");
        write("tokenizer.json", tokenizer.toString());
        transformerAndPooling("mean_tokens");
        for (boolean lower : new boolean[]{true, false}) {
            write("tokenizer_config.json", "{\"tokenizer_class\": \"BertTokenizerFast\", \"do_lower_case\": " + lower
                    + "}");
            try (RetrievalModel model = ModelFolder.open(folder).load(Engine.stock())) {
                assertEquals(lower, Arrays.equals(model.inputs().reply("w5"), model.inputs().reply("W5")));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"'{\"type\": \"BertProcessing\", \"sep\": [\"w20\", 20], \"cls\": [\"w21\", 21]}', w21, w20",
        "'{\"type\": \"RobertaProcessing\", \"sep\": [\"w20\", 20], \"cls\": [\"w21\", 21]}', w21, w20",
        "'{\"type\": \"Sequence\", \"processors\": [{\"type\": \"ByteLevel\"}, {\"type\": \"TemplateProcessing\", "
                + "\"single\": [{\"Sequence\": {\"id\": \"A\"}}, {\"SpecialToken\": {\"id\": \"w20\"}}]}]}', '', w20",
        "null, '', ''"})
    void theTokenizersOwnTokensStandAroundATextAndNoOthers(String processor, String start, String end)
            throws IOException {
        tokenizer(processor);
        transformerAndPooling("cls_token");
        ModelFolder opened = ModelFolder.open(folder);
        assertEquals(List.of(start, end, end, "[PAD]"), List.of(opened.config().text().startToken(),
                opened.config().text().endToken(), opened.config().text().turnSeparator(),
                opened.config().text().padToken()));
        assertEquals(processor.equals("null"), opened.notes().toString().contains("no post_processor"));
    }

    @ParameterizedTest
    @CsvSource({"'{}', '', ''", "'{\"prompts\": {\"query\": \"w30 \", \"passage\": \"w31 \"}}', 'w30 ', 'w31 '",
        "'{\"prompts\": {\"a\": \"w32 \", \"query\": \"w30 \"}, \"default_prompt_name\": \"a\"}', 'w32 ', 'w32 '",
        "'{\"prompts\": {\"query\": \"w30 \", \"document\": \"\"}, \"default_prompt_name\": null}', 'w30 ', ''"})
    void promptsStandBeforeTexts(String config, String ofContexts, String ofReplies) throws IOException {
        transformerAndPooling("mean_tokens");
        write("config_sentence_transformers.json", config);
        ModelFolder opened = ModelFolder.open(folder);
        assertEquals(ofContexts, opened.config().text().contextPrefix());
        assertEquals(ofReplies, opened.config().text().replyPrefix());
        assertEquals(!ofContexts.isEmpty(), opened.notes().toString().contains("prompt"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"WordWeights|{}|\"sentence_transformers.models.WordWeights\"",
        "CNN|{}|\"sentence_transformers.models.CNN\"", "LayerNorm|{}|\"sentence_transformers.models.LayerNorm\"",
        "custom_st.Dense|{}|\"custom_st.Dense\"", "Transformer||Transformer", "Pooling|{}|Pooling",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"activation_function\": \"torch.nn.modules.activation.PReLU\"}"
                + "|activation_function \"torch.nn.modules.activation.PReLU\"",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"activation_function\": \"my.Tanh\"}|\"my.Tanh\"",
        "Dense|{\"in_features\": 24, \"activation_function\": \"torch.nn.Tanh\"}|out_features",
        "Dense|{\"in_features\": 24, \"out_features\": 0, \"activation_function\": \"torch.nn.Tanh\"}|to 0 dims",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"activation_function\": \"torch.nn.Tanh\", "
                + "\"module_input_name\": \"token_embeddings\"}|token_embeddings",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"activation_function\": \"torch.nn.Tanh\", \"rank\": 2}"
                + "|\"rank\"",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"use_residual\": true}|use_residual",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"activation_function\": \"torch.nn.Tanh\"}"
                + "|holds neither model.safetensors",
        "sentence_transformers|{}|\"sentence_transformers.models.sentence_transformers\""})
    void whatWouldChangeVectorsAndIsNotKnownIsRefusedByName(String type, String config, String named)
            throws IOException {
        transformerAndPooling("mean_tokens");
        module("2_Last", type, config == null ? "" : config);
        assertRefused(named);
    }

    @Test
    void aDenseLayerThatDoesNotTakeWhatComesBeforeItIsRefused() throws IOException {
        transformerAndPooling("mean_tokens");
        dense("2_Dense", DIM + 1, 4, true, "activation.Tanh");
        assertRefused("takes vectors of 25, and is given 24");
    }

    @Test
    void weightsOfADenseLayerThatAreMissingOrOfAnotherShapeAreRefused() throws IOException {
        transformerAndPooling("mean_tokens");
        SequencedMap<String, Tensor> layer = new LinkedHashMap<>(dense("2_Dense", DIM, 4, true, "activation.Tanh"));
        Path file = folder.resolve("2_Dense/model.safetensors");
        layer.put("linear.weight", random(1, DIM, 4));
        SafetensorsWriter.write(file, layer, Map.of());
        ModelFolder opened = ModelFolder.open(folder);
        assertTrue(assertThrows(BadInput.class, opened::check).getMessage().contains("shape: dense.0.weight"));
        layer.remove("linear.bias");
        SafetensorsWriter.write(file, layer, Map.of());
        assertTrue(assertThrows(BadInput.class, () -> opened.load(Engine.stock())).getMessage()
                .contains("missing: dense.0.bias"));
        Files.move(file, file.resolveSibling("pytorch_model.bin"));
        assertRefused("pytorch_model.bin alone");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"1_Pooling/config.json|{\"pooling_mode\": \"median\"}|\"median\"",
        "1_Pooling/config.json|{\"pooling_mode_attention\": true}|\"pooling_mode_attention\"",
        "1_Pooling/config.json|{\"pooling_mode_mean_tokens\": \"yes\"}|not true or false",
        "1_Pooling/config.json|{\"pooling_mode_mean_tokens\": false}|chooses no pooling",
        "1_Pooling/config.json|{|not valid JSON", "modules.json|{}|lists no modules",
        "modules.json|[]|lists no modules",
        "modules.json|[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"}]|has no Pooling",
        "modules.json|[{\"path\": \"../x\", \"type\": \"sentence_transformers.models.Transformer\"}]|\"../x\"",
        "modules.json|[{\"path\": \"/etc\", \"type\": \"sentence_transformers.models.Transformer\"}]|\"/etc\"",
        "modules.json|[{\"path\": \"1_Pooling\", \"type\": \"sentence_transformers.models.Pooling\"}]|Pooling module",
        "sentence_bert_config.json|{\"max_seq_length\": -1}|max_seq_length",
        "sentence_bert_config.json|{\"max_seq_length\": 2}|max", "sentence_bert_config.json|{\"window\": 2}|\"window\"",
        "sentence_bert_config.json|{\"module_output_name\": \"scores\"}|scores",
        "sentence_bert_config.json|{\"modality_config\": {\"text\": {\"method_output_name\": \"pooler_output\"}}}"
                + "|pooler_output",
        "sentence_bert_config.json|{\"query_length\": 9}|\"query_length\"",
        "sentence_bert_config.json|{\"model_args\": {\"num_hidden_layers\": 1}}|\"num_hidden_layers\"",
        "config_sentence_transformers.json|{\"similarity_fn_name\": \"euclidean\"}|\"euclidean\"",
        "config_sentence_transformers.json|{\"default_prompt_name\": \"x\"}|\"x\", and no such prompt",
        "config_sentence_transformers.json|{\"truncate_dim\": 8}|truncate_dim 8",
        "config_sentence_transformers.json|{\"model_type\": \"SparseEncoder\"}|SparseEncoder",
        "adapter_config.json|{}|adapters", "config.json|{\"model_type\": \"mpnet\"}|\"mpnet\""})
    void filesThatAskForSomethingElseAreRefused(String file, String content, String named) throws IOException {
        transformerAndPooling("mean_tokens");
        write(file, content);
        assertRefused(named);
    }

    @Test
    void poolingWithoutThePromptIsRefusedIfThereIsAPrompt() throws IOException {
        module("", "Transformer", "");
        module("1_Pooling", "Pooling", "{\"include_prompt\": false}");
        assertVectors(x -> x, 40, "mean_tokens");
        write("config_sentence_transformers.json", "{\"prompts\": {\"query\": \"w30 \"}}");
        assertRefused("include_prompt");
    }

    @Test
    void newVersionsLetPoolingsStandInAnyOrder() throws IOException {
        module("", "sentence_transformers.base.modules.transformer.Transformer", "");
        module("1_Pooling", "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
                "{\"embedding_dimension\": 24, \"pooling_mode\": [\"mean\", \"cls\", \"max\"]}");
        module("2_Normalize", "sentence_transformers.base.modules.normalize.Normalize",
                "{\"module_input_name\": \"sentence_embedding\"}");
        assertVectors(SentenceTransformersFolderTest::unit, 40, "mean_tokens", "cls_token", "max_tokens");
        write("2_Normalize/config.json", "{\"module_input_name\": \"token_embeddings\"}");
        assertRefused("token_embeddings");
    }

    private void assertRefused(String named) {
        String message = assertThrows(BadInput.class, () -> ModelFolder.open(folder)).getMessage();
        assertTrue(message.startsWith(folder.toString()) && message.contains(named), message);
        assertFalse(message.matches("(?s).*(JsonReadFeature|\\tat |Exception).*"), message);
        assertThrows(BadInput.class, () -> ModelImport.of(folder, null, ModelImport.Leniency.UNEXPECTED));
    }

    @Test
    void anEncoderAloneIsPooledByTheMeanAndThatIsTold() throws IOException {
        ModelFolder opened = ModelFolder.open(folder);
        assertTrue(opened.notes().getFirst().contains("no modules.json"), opened.notes().toString());
        Path imported = root.resolve("bare");
        ModelImport.of(folder, null, ModelImport.Leniency.STRICT).write(imported,
                JsonNodeFactory.instance.objectNode());
        assertEquals(opened.notes(), ModelFolder.open(imported).notes());
        write("1_Pooling/config.json", "{\"pooling_mode\": \"cls\"}");
        assertRefused("1_Pooling");
    }

    @Test
    void robertaCountsPositionsFromItsPaddingOn() throws IOException {
        ObjectNode config = (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile());
        write("config.json", config.put("model_type", "xlm-roberta").put("pad_token_id", 1).toString());
        SequencedMap<String, Tensor> own = new LinkedHashMap<>(weights);
        weights.clear();
        own.forEach((name, tensor) -> weights.put("roberta." + name, tensor));
        save();
        weights.clear();
        weights.putAll(own);
        transformerAndPooling("mean_tokens");
        // The reference counts from 0: it is given the table without the rows that stand for padding.
        float[] table = own.get(EmbeddingTable.POSITIONS).toFloats();
        float[] shifted = Arrays.copyOfRange(table, 2 * DIM, table.length);
        weights.put(EmbeddingTable.POSITIONS, Tensor.of(shifted, 38, DIM));
        assertEquals(38, ModelFolder.open(folder).config().encoder().maxTokens());
        assertVectors(x -> x, 38, "mean_tokens");
    }

    @Test
    void distilBertIsBertWithoutTokenTypes() throws IOException {
        ObjectNode config = (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile());
        ObjectNode distil = JSON.createObjectNode().put("model_type", "distilbert").put("dim", DIM)
                .put("n_layers", ENCODER.layers()).put("n_heads", ENCODER.heads())
                .put("hidden_dim", ENCODER.feedForward()).put("activation", "gelu");
        distil.set("vocab_size", config.get("vocab_size"));
        distil.set("max_position_embeddings", config.get("max_position_embeddings"));
        write("config.json", distil.toString());
        SequencedMap<String, Tensor> own = new LinkedHashMap<>(weights);
        own.put(EmbeddingTable.TYPES, Tensor.of(new float[2 * DIM], 2, DIM));
        weights.clear();
        own.forEach((name, tensor) -> {
            if (name.equals(EmbeddingTable.TYPES)) return;
            weights.put("distilbert." + name.replace("encoder.layer", "transformer.layer")
                    .replace("attention.self.query", "attention.q_lin").replace("attention.self.key", "attention.k_lin")
                    .replace("attention.self.value", "attention.v_lin")
                    .replace("attention.output.dense", "attention.out_lin")
                    .replace("attention.output.LayerNorm", "sa_layer_norm")
                    .replace("intermediate.dense", "ffn.lin1").replace(".output.dense", ".ffn.lin2")
                    .replace(".output.LayerNorm", ".output_layer_norm"), tensor);
        });
        weights.put("vocab_projector.bias", Tensor.of(new float[3], 3));
        save();
        weights.clear();
        weights.putAll(own);
        transformerAndPooling("cls_token");
        assertVectors(x -> x, 40, "cls_token");
    }

    @Test
    void encodersInShardsAreRead() throws IOException {
        transformerAndPooling("mean_tokens");
        SequencedMap<String, Tensor> rest = new LinkedHashMap<>(weights);
        SequencedMap<String, Tensor> first = new LinkedHashMap<>();
        first.put(EmbeddingTable.WORDS, rest.remove(EmbeddingTable.WORDS));
        Files.delete(folder.resolve("model.safetensors"));
        SafetensorsWriter.write(folder.resolve("a.safetensors"), first, Map.of());
        SafetensorsWriter.write(folder.resolve("b.safetensors"), rest, Map.of());
        ObjectNode map = JSON.createObjectNode();
        weights.keySet().forEach(name -> map.put(name, first.containsKey(name) ? "a.safetensors" : "b.safetensors"));
        write("model.safetensors.index.json", JSON.createObjectNode().set("weight_map", map).toString());
        String before = ModelFolder.open(folder).fingerprint();
        assertVectors(x -> x, 40, "mean_tokens");
        first.put(EmbeddingTable.WORDS, Tensor.of(new float[50 * DIM], 50, DIM));
        SafetensorsWriter.write(folder.resolve("a.safetensors"), first, Map.of());
        assertNotEquals(before, ModelFolder.open(folder).fingerprint());
    }
}
