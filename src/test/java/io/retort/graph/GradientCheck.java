package io.retort.graph;

import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Compares ND4J's gradient of {@code sum(f(x) * weights)} with central differences, in double. */
public final class GradientCheck {
    private static final double STEP = 1e-6;

    private GradientCheck() {}

    /**
     * The largest relative error over all elements of {@code x}.
     *
     * @throws RuntimeException whatever ND4J throws
     */
    static double worstError(Function<SDVariable, SDVariable> function, long... shape) {
        Nd4j.getRandom().setSeed(7);
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.var("x", Nd4j.randn(DataType.DOUBLE, shape));
        lossOver(sd, function.apply(x), Map.of());
        INDArray analytic = sd.calculateGradients(Map.of(), "x").get("x");
        return worstError(sd, x.getArr(), analytic);
    }

    /** Whether the gradient is right; a throwing operation is not. */
    static boolean isRight(Function<SDVariable, SDVariable> function, long... shape) {
        try {
            return worstError(function, shape) < 1e-6;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /**
     * The relative error of each gradient along a random direction over all elements, with respect to every parameter
     * and to the inputs in {@code variable}.
     *
     * @param graph of doubles
     * @param variable inputs whose gradient is wanted as well
     */
    public static Map<String, Double> errorsAlongDirections(Graph graph, Node output, Map<String, Tensor> inputs,
            Map<String, Tensor> parameters, List<String> variable) {
        Nd4j.getRandom().setSeed(7);
        SameDiff sd = graph.sameDiff();
        Map<String, INDArray> fed = new LinkedHashMap<>();
        inputs.forEach((name, value) -> fed.put(name, NdArrays.fromTensor(value, ElementType.F64)));
        graph.bind(parameters);
        variable.forEach(name -> makeTrainable(sd, name, fed.remove(name)));
        lossOver(sd, output.variable(), fed);
        Map<String, INDArray> values = new LinkedHashMap<>();
        graph.parameters().keySet().forEach(name -> values.put(name, sd.getVariable(name).getArr()));
        variable.forEach(name -> values.put(name, sd.getVariable(name).getArr()));
        Map<String, INDArray> analytic = sd.calculateGradients(fed, values.keySet());
        Map<String, Double> errors = new LinkedHashMap<>();
        values.forEach((name, at) -> errors.put(name, errorAlongDirection(sd, fed, at, analytic.get(name))));
        return errors;
    }

    /** A placeholder as such gets a gradient only where the first operation it enters has a trainable operand, too. */
    private static void makeTrainable(SameDiff sd, String input, INDArray value) {
        sd.associateArrayWithVariable(value, sd.getVariable(input));
        sd.convertToVariable(sd.getVariable(input));
    }

    /** Makes the upstream gradient differ from element to element. */
    private static void lossOver(SameDiff sd, SDVariable y, Map<String, INDArray> fed) {
        INDArray value = sd.output(fed, y.name()).get(y.name());
        SDVariable weights = sd.constant(Nd4j.randn(DataType.DOUBLE, value.shape()));
        y.mul(weights).sum("loss");
        sd.setLossVariables("loss");
    }

    private static double worstError(SameDiff sd, INDArray at, INDArray analytic) {
        double worst = 0;
        for (long i = 0; i < at.length(); i++) {
            double original = at.getDouble(i);
            double up = lossAt(sd, at, i, original + STEP);
            double down = lossAt(sd, at, i, original - STEP);
            at.putScalar(i, original);
            double numeric = (up - down) / (2 * STEP);
            double error = Math.abs(numeric - analytic.getDouble(i)) / Math.max(1, Math.abs(numeric));
            // NaN must not pass for a small error.
            if (!(error <= worst)) worst = error;
        }
        return worst;
    }

    private static double errorAlongDirection(SameDiff sd, Map<String, INDArray> fed, INDArray at, INDArray analytic) {
        INDArray original = at.dup();
        INDArray direction = Nd4j.randn(DataType.DOUBLE, at.shape());
        double up = lossAt(sd, fed, at, original.add(direction.mul(STEP)));
        double down = lossAt(sd, fed, at, original.sub(direction.mul(STEP)));
        at.assign(original);
        double numeric = (up - down) / (2 * STEP);
        double expected = analytic.mul(direction).sumNumber().doubleValue();
        return Math.abs(numeric - expected) / Math.max(1, Math.abs(numeric));
    }

    private static double lossAt(SameDiff sd, Map<String, INDArray> fed, INDArray at, INDArray value) {
        at.assign(value);
        return sd.output(fed, "loss").get("loss").getDouble(0);
    }

    private static double lossAt(SameDiff sd, INDArray at, long i, double value) {
        at.putScalar(i, value);
        return sd.output(Map.of(), "loss").get("loss").getDouble(0);
    }

    static INDArray indices(int... values) {
        return Nd4j.createFromArray(Arrays.copyOf(values, values.length));
    }
}
