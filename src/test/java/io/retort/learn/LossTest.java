package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.Engine;
import io.retort.graph.GradientCheck;
import io.retort.graph.GradientProgram;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.Program;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LossTest {
    private static final int REPLIES = 9;
    private static final Distillation DISTILLATION = new Distillation(0.7);

    static Stream<Loss> losses() {
        return Stream.of(new SampledCrossEntropy(), new MultiPositiveCrossEntropy(), DISTILLATION,
                new DistillationMix(0.3, DISTILLATION), new LearntScale(new MultiPositiveCrossEntropy(), 0.4),
                new LearntScale(DISTILLATION, -0.3));
    }

    /** Two contexts share reply 2; the last one has a single candidate. */
    private static BatchReplies batch(boolean inBatch) {
        return new BatchReplies(REPLIES, List.of(new int[]{0, 1, 2}, new int[]{3, 2}, new int[]{4}),
                List.of(new double[]{-1, -2, -0.5}, new double[]{-3, -1}, new double[]{-2}), bits(5, 6, 7, 8), inBatch);
    }

    private static BitSet bits(int... columns) {
        BitSet bits = new BitSet();
        for (int column : columns) bits.set(column);
        return bits;
    }

    private static double[] scores() {
        return new Random(4).doubles(3 * REPLIES, -2, 2).toArray();
    }

    /** Straight from the definition: exponentials and sums over nothing but what counts. */
    private static double formula(Loss loss, BatchReplies batch, double[] scores) {
        return switch (loss) {
            case SampledCrossEntropy _ -> {
                double sum = 0;
                for (int i = 0; i < batch.contexts(); i++) {
                    sum += pair(batch, scores, i, batch.candidates().get(i)[0]) / batch.contexts();
                }
                yield sum;
            }
            case MultiPositiveCrossEntropy _ -> {
                double sum = 0;
                int pairs = 0;
                for (int i = 0; i < batch.contexts(); i++) {
                    for (int j : batch.candidates().get(i)) {
                        sum += pair(batch, scores, i, j);
                        pairs++;
                    }
                }
                yield sum / pairs;
            }
            case Distillation(double temperature) -> {
                double sum = 0;
                for (int i = 0; i < batch.contexts(); i++) sum += distilled(batch, scores, i, temperature);
                yield sum / batch.contexts();
            }
            case DistillationMix(double alpha, Distillation distillation) -> (1 - alpha)
                    * formula(new MultiPositiveCrossEntropy(), batch, scores)
                    + alpha * formula(distillation, batch, scores);
            case LearntScale(Loss scaled, double first) -> formula(scaled, batch,
                    Arrays.stream(scores).map(score -> Math.exp(first) * score).toArray());
            default -> throw new AssertionError(loss);
        };
    }

    private static double pair(BatchReplies batch, double[] scores, int i, int j) {
        double own = Math.exp(scores[i * batch.count() + j]);
        return -Math.log(own / (own + negatives(batch, scores, i)));
    }

    private static double negatives(BatchReplies batch, double[] scores, int i) {
        BitSet columns = (BitSet) batch.shared().clone();
        if (batch.inBatch()) {
            for (int[] others : batch.candidates()) for (int column : others) columns.set(column);
        }
        for (int column : batch.candidates().get(i)) columns.clear(column);
        return columns.stream().mapToDouble(column -> Math.exp(scores[i * batch.count() + column])).sum();
    }

    private static double distilled(BatchReplies batch, double[] scores, int i, double temperature) {
        int[] own = batch.candidates().get(i);
        double all = negatives(batch, scores, i);
        for (int column : Arrays.stream(own).distinct().toArray()) {
            all += Math.exp(scores[i * batch.count() + column]);
        }
        double teacherSum = 0;
        for (double q : batch.teacher().get(i)) teacherSum += Math.exp(q / temperature);
        double loss = 0;
        for (int j = 0; j < own.length; j++) {
            double p = Math.exp(batch.teacher().get(i)[j] / temperature) / teacherSum;
            loss -= p * Math.log(Math.exp(scores[i * batch.count() + own[j]]) / all);
        }
        return loss;
    }

    @ParameterizedTest
    @MethodSource("losses")
    void theLossIsItsFormula(Loss loss) {
        for (boolean inBatch : new boolean[]{false, true}) {
            BatchReplies batch = batch(inBatch);
            assertEquals(formula(loss, batch, scores()), value(loss, batch, scores()), 1e-6); // targets are floats
        }
    }

    @ParameterizedTest
    @MethodSource("losses")
    void theGradientIsRight(Loss loss) {
        BatchReplies batch = batch(true);
        Graph graph = Graph.of(ElementType.F64);
        Node scores = graph.input("scores", batch.contexts(), batch.count());
        Node total = loss.losses(graph, scores).get(Loss.TOTAL);
        Map<String, Tensor> inputs = new HashMap<>(loss.inputs(batch));
        inputs.put("scores", Tensor.of(scores(), batch.contexts(), batch.count()));
        Map<String, Double> errors = GradientCheck.errorsAlongDirections(graph, total, inputs, loss.parameters(),
                List.of("scores"));
        assertEquals(1 + loss.parameters().size(), errors.size());
        errors.forEach((name, error) -> assertTrue(error < 1e-6, name + ": " + error));
    }

    /** The released code masks a column once for each time it stands in the batch, and so drops negatives. */
    @Test
    void aReplyOfTwoContextsIsANegativeOfNeitherAndStaysOneOfTheOthers() {
        BatchReplies batch = batch(true);
        assertEquals(bits(3, 4, 5, 6, 7, 8), batch.negatives(0));
        assertEquals(bits(0, 1, 4, 5, 6, 7, 8), batch.negatives(1));
        assertEquals(bits(0, 1, 2, 3, 5, 6, 7, 8), batch.negatives(2));
    }

    @Test
    void aPositiveThatIsGivenTwiceDropsNoNegative() {
        double[] scores = new Random(6).doubles(5, -1, 1).toArray();
        BatchReplies once = new BatchReplies(5, List.of(new int[]{0}), List.of(), bits(1, 2, 3, 4), false);
        BatchReplies twice = new BatchReplies(5, List.of(new int[]{0, 0}), List.of(), bits(1, 2, 3, 4), false);
        Loss loss = new MultiPositiveCrossEntropy();
        assertEquals(value(loss, once, scores), value(loss, twice, scores), 1e-6);
        assertEquals(value(new SampledCrossEntropy(), once, scores), value(loss, once, scores), 1e-6);
    }

    @Test
    void aCandidateThatIsGivenTwiceHasTheMassOfBoth() {
        BatchReplies batch = new BatchReplies(4, List.of(new int[]{0, 1, 1}), List.of(new double[]{0, 0, 0}),
                bits(2, 3),
                false);
        float[] target = DISTILLATION.inputs(batch).get("teacher.target").toFloats();
        assertArrayEquals(new float[]{1 / 3f, 2 / 3f, 0, 0}, target, 1e-6f);
    }

    @Test
    void otherContextsCandidatesAreMaskedOut() {
        double[] scores = scores();
        double before = value(DISTILLATION, batch(false), scores);
        scores[3] = 100; // context 0, first candidate of context 1
        assertEquals(before, value(DISTILLATION, batch(false), scores));
    }

    @Test
    void temperatureMakesTheTeacherMoreOrLessSure() {
        double[] scores = {0, 1};
        assertEquals(1 / (1 + Math.exp(-1)), new Distillation(1).target(scores)[1], 1e-12);
        assertEquals(1 / (1 + Math.exp(-2)), new Distillation(0.5).target(scores)[1], 1e-12);
    }

    @Test
    void partsAreToldBesideTheWhole() {
        Graph graph = Graph.of(ElementType.F64);
        Node scores = graph.input("scores", 3, REPLIES);
        assertEquals(List.of("loss", "ce", "kd"),
                List.copyOf(new DistillationMix(0.1, DISTILLATION).losses(graph, scores).keySet()));
    }

    @Test
    void aTeachersScoreThatIsMissingOrNoNumberIsRefused() {
        List<int[]> own = List.of(new int[]{0, 1});
        assertThrows(IllegalArgumentException.class,
                () -> new BatchReplies(2, own, List.of(new double[]{1}), bits(), false));
        assertThrows(IllegalArgumentException.class,
                () -> new BatchReplies(2, own, List.of(new double[]{1, Double.NaN}), bits(), false));
        BatchReplies unscored = new BatchReplies(2, own, List.of(), bits(), false);
        assertThrows(IllegalArgumentException.class, () -> DISTILLATION.inputs(unscored));
    }

    /** Where a softmax has long underflowed, in floats, on both engines. */
    @ParameterizedTest
    @MethodSource("losses")
    void scoresThatLieFarApartGiveTheExactLossAndGradient(Loss loss) {
        BatchReplies batch = batch(true);
        double[] scores = scores();
        scores[5] = 200; // a negative of context 0
        scores[REPLIES + 3] = -300; // the positive of context 1
        for (Engine engine : List.of(Engine.stock(), Engine.simd(1))) {
            Graph graph = Graph.of(ElementType.F32);
            Node total = loss.losses(graph, graph.input("scores", Graph.ANY, Graph.ANY)).get(Loss.TOTAL).named("loss");
            Map<String, Tensor> inputs = new HashMap<>(loss.inputs(batch));
            inputs.put("scores", Tensor.of(scores, 3, REPLIES).to(ElementType.F32));
            try (GradientProgram program = engine.differentiate(graph, loss.parameters(), total, List.of(),
                    List.of("scores"))) {
                GradientProgram.Result result = program.run(inputs);
                double expected = formula(loss, batch, scores);
                assertEquals(expected, result.scalar("loss"), 1e-5 * expected, engine.name());
                float[] gradient = result.inputGradients().get("scores").toFloats();
                for (int i = 0; i < gradient.length; i++) {
                    assertEquals(slope(loss, batch, scores, i), gradient[i], 2e-5, engine.name() + " " + i);
                }
            }
        }
    }

    private static double slope(Loss loss, BatchReplies batch, double[] scores, int i) {
        double[] moved = scores.clone();
        moved[i] = scores[i] + 1e-4;
        double up = formula(loss, batch, moved);
        moved[i] = scores[i] - 1e-4;
        return (up - formula(loss, batch, moved)) / 2e-4;
    }

    private static double value(Loss loss, BatchReplies batch, double[] scores) {
        Graph graph = Graph.of(ElementType.F64);
        Node total = loss.losses(graph, graph.input("scores", Graph.ANY, Graph.ANY)).get(Loss.TOTAL);
        Map<String, Tensor> inputs = new HashMap<>(loss.inputs(batch));
        inputs.put("scores", Tensor.of(scores, batch.contexts(), batch.count()));
        try (Program program = Engine.stock().compile(graph, loss.parameters(), List.of(total.name()))) {
            return program.run(inputs).get(total.name()).toDoubles()[0];
        }
    }
}
