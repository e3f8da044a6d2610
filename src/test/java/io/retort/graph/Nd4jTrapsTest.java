package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.InferenceFactory;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Guards of docs/nd4j-notes.md: what ND4J 1.0.0-M2.1 gets wrong, and what it gets right and we rely on. A failure here
 * after an upgrade means that a note, and perhaps a detour in the code, can go.
 */
class Nd4jTrapsTest {
    static {
        SameDiffOutput.silence(); // this test uses SameDiff past Graph, and may be the first of the process to do so
    }

    /** Rows for the gathers. */
    private static final INDArray REPEATED = Nd4j.createFromArray(0, 2, 2);

    static Stream<Arguments> wrongGradients() {
        return Stream.of(
                trap("gather", x -> x.getSameDiff().gather(x, x.getSameDiff().constant(REPEATED), 0), 4, 5),
                trap("gatherNd", x -> x.getSameDiff().gatherNd(x, x.getSameDiff().constant(REPEATED.reshape(3, 1))), 4,
                        5),
                trap("dropout", x -> x.getSameDiff().nn.dropout(x, 0.999), 4, 5),
                trap("logSoftmax with a dimension", x -> x.getSameDiff().nn.logSoftmax(x, 1), 4, 5),
                trap("logSumExp", x -> x.getSameDiff().math.logSumExp(x, 1), 4, 5),
                trap("where", x -> x.getSameDiff().where(x, x.mul(2), x.gt(0)), 4, 5),
                trap("division by a single element", x -> x.div(x.mul(x).sum(true, 1)), 1, 5));
    }

    static Stream<Arguments> rightGradients() {
        return Stream.of(
                trap("layerNorm", x -> x.getSameDiff().nn.layerNorm(x, ones(x, 5), ones(x, 5), false, 1), 4, 5),
                trap("softmax", x -> x.getSameDiff().nn.softmax(x, -1), 2, 3, 5),
                trap("logSoftmax without a dimension", x -> x.getSameDiff().nn.logSoftmax(x), 4, 5),
                trap("exp", x -> x.getSameDiff().math.exp(x), 4, 5),
                trap("log", x -> x.getSameDiff().math.log(x.mul(x).add(0.5)), 4, 5),
                trap("tanh", x -> x.getSameDiff().math.tanh(x), 4, 5),
                trap("sigmoid", x -> x.getSameDiff().nn.sigmoid(x), 4, 5),
                trap("erf", x -> x.getSameDiff().math.erf(x), 4, 5),
                trap("sum", x -> x.getSameDiff().math.exp(x).sum(1), 2, 3, 5),
                trap("mean", x -> x.getSameDiff().math.exp(x).mean(true, 1), 4, 5),
                trap("concat", x -> x.getSameDiff().concat(1, x, x.mul(x)), 4, 5),
                trap("slice", x -> x.mul(x).get(SDIndex.interval(1, 3), SDIndex.all()), 4, 5),
                trap("permute and reshape", x -> x.getSameDiff().permute(x.reshape(2, 2, 5), 1, 0, 2).mul(3), 4, 5),
                trap("reshape to a shape known at run time", x -> x.reshape(x.getSameDiff().shape(x)).mul(x), 4, 5),
                trap("broadcast add and mul", x -> x.add(x.sum(true, 0)).mul(x.sum(true, 1)), 4, 5),
                trap("batched mmul with a transpose", x -> x.getSameDiff().mmul(x, x, false, true, false), 2, 3, 5),
                trap("square root and division", x -> x.div(x.getSameDiff().math.sqrt(x.mul(x).add(1))), 4, 5),
                trap("a reciprocal", x -> x.mul(x.mul(x).sum(true, 1).rdiv(1)), 1, 5),
                trap("scatterAdd", x -> x.getSameDiff().scatterAdd(x.mul(2), x.getSameDiff().constant(REPEATED),
                        x.get(SDIndex.interval(0, 3), SDIndex.all())), 4, 5));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongGradients")
    void theGradientIsStillWrongOrMissing(String name, Function<SDVariable, SDVariable> function, long[] shape) {
        assertFalse(GradientCheck.isRight(function, shape), name + " has become right: see docs/nd4j-notes.md");
    }

    @Test
    void aSumOverASingleColumnStillThrowsWithGradients() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.var("x", Nd4j.rand(DataType.FLOAT, 4, 3));
        SDVariable column = sd.placeHolder("column", DataType.FLOAT, -1, 1);
        x.sum(true, 1).mul(column).sum(false, 1).sum("loss", false, 0);
        sd.setLossVariables("loss");
        assertThrows(NullPointerException.class,
                () -> sd.calculateGradients(Map.of("column", Nd4j.rand(DataType.FLOAT, 4, 1)), "x"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rightGradients")
    void theGradientIsRight(String name, Function<SDVariable, SDVariable> function, long[] shape) {
        double error = GradientCheck.worstError(function, shape);
        assertTrue(error < 1e-6, name + ": " + error);
    }

    @Test
    void sparseCrossEntropyStillIgnoresTheUpstreamGradient() {
        INDArray labels = GradientCheck.indices(1, 0, 3, 2);
        INDArray logits = Nd4j.randn(DataType.DOUBLE, 4, 5);
        INDArray once = crossEntropyGradient(logits, labels, 1);
        INDArray tenfold = crossEntropyGradient(logits, labels, 10);
        assertFalse(tenfold.equalsWithEps(once.mul(10), 1e-6), "sparseSoftmaxCrossEntropy scales now");
    }

    private static INDArray crossEntropyGradient(INDArray logits, INDArray labels, double factor) {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.var("x", logits.dup());
        sd.loss.sparseSoftmaxCrossEntropy(x, sd.constant(labels)).mul(factor).sum("loss");
        sd.setLossVariables("loss");
        return sd.calculateGradients(Map.of(), "x").get("x");
    }

    @Test
    void aPlaceholderStillGetsNoGradientBeforeTheFirstTrainableVariable() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.DOUBLE, 2, 3);
        SDVariable weight = sd.var("weight", Nd4j.rand(DataType.DOUBLE, 2, 3));
        sd.math.tanh(x).mul(weight).sum("loss");
        sd.setLossVariables("loss");
        Map<String, INDArray> fed = Map.of("x", Nd4j.rand(DataType.DOUBLE, 2, 3));
        assertNull(sd.calculateGradients(fed, "x", "weight").get("x"), "it need no longer be asked for by name");
        sd.setLossVariables("loss"); // drops the gradient graph made without it
        sd.createGradFunction("x");
        assertNotNull(sd.calculateGradients(fed, "x", "weight").get("x"));
    }

    @Test
    void rank3ByRank2MatrixProductStillThrows() {
        SameDiff sd = SameDiff.create();
        SDVariable a = sd.constant(Nd4j.rand(DataType.DOUBLE, 2, 3, 4));
        SDVariable b = sd.constant(Nd4j.rand(DataType.DOUBLE, 4, 5));
        assertThrows(RuntimeException.class, () -> sd.mmul(a, b).eval());
    }

    @Test
    void theBuiltInGelusAreStillApproximations() {
        SameDiff sd = SameDiff.create();
        SDVariable one = sd.constant(Nd4j.createFromArray(1.0));
        double exact = 0.8413447460685429;
        assertEquals(0.8458, sd.nn.gelu(one).eval().getDouble(0), 1e-4, "gelu is the sigmoid form");
        assertEquals(0.8314, sd.nn.preciseGelu(one).eval().getDouble(0), 1e-3, "preciseGelu is wrong");
        assertEquals(exact, Layers.gelu(graphOver(sd), new Node(one)).variable().eval().getDouble(0), 1e-7);
    }

    private static Graph graphOver(SameDiff sd) {
        return new Graph(sd, io.retort.tensor.ElementType.F64);
    }

    @Test
    void layerNormStillHasNoEpsilon() {
        double tiny = 1e-4;
        INDArray x = Nd4j.createFromArray(new double[][]{{-tiny, tiny}});
        SameDiff sd = SameDiff.create();
        SDVariable in = sd.constant(x);
        SDVariable out = sd.nn.layerNorm(in, ones(in, 2), sd.constant(Nd4j.zeros(DataType.DOUBLE, 2)), false, 1);
        assertEquals(1.0, out.eval().getDouble(1), 1e-6, "with BERT's 1e-12 the difference is below float precision");
    }

    @Test
    void logSoftmaxStillUnderflows() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.constant(Nd4j.createFromArray(new float[][]{{0, -200}}));
        assertEquals(Double.NEGATIVE_INFINITY, sd.nn.logSoftmax(x).eval().getDouble(1), "masks have become possible");
    }

    @Test
    void theHookForOurOwnSessionExists() throws NoSuchMethodException {
        assertNotNull(SameDiff.class.getMethod("bindInferenceFactory", InferenceFactory.class));
    }

    private static SDVariable ones(SDVariable like, int n) {
        return like.getSameDiff().constant(Nd4j.ones(DataType.DOUBLE, n));
    }

    private static Arguments trap(String name, Function<SDVariable, SDVariable> function, long... shape) {
        return Arguments.of(name, function, shape);
    }
}
