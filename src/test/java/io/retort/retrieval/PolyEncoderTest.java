package io.retort.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.Program;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import io.retort.text.HuggingFaceTokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolyEncoderTest {
    private static final int[] LENGTHS = {9, 1, 14};
    private static final int TIME = 14;
    private static final int DIM = 64;
    private static final int CANDIDATES = 7;
    private final Random random = new Random(8);

    @ParameterizedTest
    @CsvSource({"16, F64, 1e-9", "64, F64, 1e-9", "360, F64, 1e-9", "16, F32, 1e-6", "64, F32, 1e-6", "360, F32, 1e-6"})
    void scoresEqualTheEquationsWhateverThePadding(int codes, ElementType precision, double tolerance) {
        double[][] queries = rows(codes, 1);
        double[][][] hidden = new double[LENGTHS.length][][];
        double[][][] candidates = new double[LENGTHS.length][][];
        for (int i = 0; i < LENGTHS.length; i++) {
            hidden[i] = rows(TIME, 1);
            candidates[i] = rows(CANDIDATES, 1);
        }
        double[] actual = run(codes, precision, queries, hidden, candidates);
        for (int text = 0; text < LENGTHS.length; text++) {
            double[][] tokens = Arrays.copyOf(hidden[text], LENGTHS[text]);
            double[][] attended = ReferenceEncoder.attend(queries, tokens);
            for (int c = 0; c < CANDIDATES; c++) {
                double expected = ReferenceEncoder.polyScore(attended, candidates[text][c]);
                assertEquals(expected, actual[text * CANDIDATES + c], tolerance);
            }
        }
    }

    /** Padding holds vectors like any others: the mask alone keeps them out. */
    private static double[] run(int codes, ElementType precision, double[][] queries, double[][][] hidden,
            double[][][] candidates) {
        Graph graph = Graph.of(precision);
        Node mask = graph.input("mask", Graph.ANY, 1, 1, Graph.ANY);
        Node attended = PolyScoring.attend(graph, graph.input("hidden", Graph.ANY, Graph.ANY, DIM), mask, codes, DIM);
        Node scores = PolyScoring.score(graph, attended, graph.input("candidates", Graph.ANY, Graph.ANY, DIM));
        double[] padding = new double[LENGTHS.length * TIME];
        for (int text = 0; text < LENGTHS.length; text++)
            Arrays.fill(padding, text * TIME + LENGTHS[text], (text + 1) * TIME, TransformerEncoder.MASKED);
        Map<String, Tensor> inputs = Map.of("hidden", Tensor.of(flat(hidden), LENGTHS.length, TIME, DIM), "mask",
                Tensor.of(padding, LENGTHS.length, 1, 1, TIME), "candidates",
                Tensor.of(flat(candidates), LENGTHS.length, CANDIDATES, DIM));
        Map<String, Tensor> parameters = Map.of(PolyScoring.CODES,
                Tensor.of(flat(new double[][][]{queries}), codes, DIM));
        try (Program program = Engine.stock().compile(graph, parameters, List.of(scores.name()))) {
            return program.run(inputs).get(scores.name()).toDoubles();
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 16", "false, 64", "true, 360"})
    void theWholeModelEqualsTheEquations(boolean tied, int codes) {
        ModelConfig config = RandomModels.polyEncoder(tied, codes);
        Map<String, Tensor> weights = RandomModels.weights(config, 9);
        double[][] queries = split(weights.get(PolyScoring.CODES).toDoubles(), config.encoder().dim());
        int[] context = {2, 5, 9, 30, 17, 3};
        try (RetrievalModel model = open(config, weights)) {
            float[][] replies = model.encodeReplies(List.of("w7 w8 w9", "w40"), Progress.NONE);
            float[] scores = model.score(context, replies);
            double[][] hidden = new ReferenceEncoder(config.encoder(),
                    RandomModels.side(weights, config.contextPrefix())).hidden(context);
            double[][] attended = ReferenceEncoder.attend(queries, hidden);
            int[][] ids = {{2, 7, 8, 9, 3}, {2, 40, 3}};
            ReferenceEncoder replyEncoder = new ReferenceEncoder(config.encoder(),
                    RandomModels.side(weights, config.replyPrefix()));
            for (int i = 0; i < ids.length; i++) {
                double[] reply = ReferenceEncoder.mean(replyEncoder.hidden(ids[i]));
                double expected = ReferenceEncoder.polyScore(attended, reply);
                double size = Math.sqrt(ReferenceEncoder.dot(reply, reply));
                assertTrue(size > 1, "a reply long enough for the tolerance to be strict");
                assertEquals(expected, scores[i], 1e-6 * Math.max(1, Math.abs(expected)) * size);
            }
        }
    }

    @Test
    void keptReplyVectorsScoreLikeFreshOnes() {
        ModelConfig config = RandomModels.polyEncoder(true, 16);
        int[] context = {2, 11, 12, 13, 3};
        List<String> texts = List.of("w4 w5 w6 w7 w8 w9 w10 w11 w12", "w13", "w14 w15 w16", "unheard of");
        try (RetrievalModel model = open(config, RandomModels.weights(config, 10))) {
            float[] kept = model.scorer(context).score(model.encodeReplies(texts, Progress.NONE));
            for (int i = 0; i < kept.length; i++) {
                float[][] fresh = model.encodeReplies(List.of(texts.get(i)), Progress.NONE);
                assertEquals(model.score(context, fresh)[0], kept[i], 1e-5 * Math.max(1, Math.abs(kept[i])));
            }
        }
    }

    @Test
    void moreCandidatesThanFitInOneRunScoreLikeOneByOne() {
        ModelConfig config = RandomModels.polyEncoder(true, 16);
        int dim = config.encoder().dim();
        float[][] replies = new float[2 * 8192 + 3][];
        for (int i = 0; i < replies.length; i++) {
            replies[i] = new float[dim];
            for (int j = 0; j < dim; j++) replies[i][j] = (float) random.nextGaussian();
        }
        try (RetrievalModel model = open(config, RandomModels.weights(config, 12))) {
            RetrievalModel.Scorer scorer = model.scorer(new int[]{2, 20, 21, 3});
            float[] all = scorer.score(replies);
            IntStream edges = IntStream.of(0, 8191, 8192, 8193, 16383, 16384, 16386);
            IntStream.concat(edges, random.ints(100, 0, replies.length)).forEach(i -> {
                float alone = scorer.score(new float[][]{replies[i]})[0];
                assertEquals(alone, all[i], 1e-6 * Math.max(1, Math.abs(alone)), "candidate " + i);
            });
            assertArrayEquals(new float[0], scorer.score(new float[0][]));
        }
    }

    private static RetrievalModel open(ModelConfig config, Map<String, Tensor> weights) {
        byte[] json = TinyTokenizer.json(config.encoder().vocabulary());
        return new RetrievalModel(config, HuggingFaceTokenizer.parse(Path.of("tiny"), json), weights, Engine.stock());
    }

    /** Rows of that length, in floats' values so that both precisions start from the same. */
    private double[][] rows(int count, double length) {
        double[][] rows = new double[count][DIM];
        for (double[] row : rows) {
            for (int j = 0; j < DIM; j++) row[j] = random.nextGaussian();
            double size = Math.sqrt(ReferenceEncoder.dot(row, row));
            for (int j = 0; j < DIM; j++) row[j] = (float) (row[j] * length / size);
        }
        return rows;
    }

    private static double[] flat(double[][][] rows) {
        return Arrays.stream(rows).flatMap(Arrays::stream).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[][] split(double[] values, int dim) {
        return IntStream.range(0, values.length / dim)
                .mapToObj(i -> Arrays.copyOfRange(values, i * dim, (i + 1) * dim)).toArray(double[][]::new);
    }
}
