package io.retort.graph;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Compares ND4J's gradient of {@code sum(f(x) * weights)} with central differences, in double. */
final class GradientCheck {
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
        SDVariable y = function.apply(x);
        INDArray value = sd.output(Map.of(), y.name()).get(y.name());
        SDVariable weights = sd.constant(Nd4j.randn(DataType.DOUBLE, value.shape()));
        // `y * weights` makes the upstream gradient differ from element to element.
        SDVariable loss = y.mul(weights).sum("loss");
        sd.setLossVariables(loss.name());
        INDArray analytic = sd.calculateGradients(Map.of(), "x").get("x");
        INDArray at = x.getArr();
        double worst = 0;
        double step = 1e-6;
        for (long i = 0; i < at.length(); i++) {
            double original = at.getDouble(i);
            double up = lossAt(sd, at, i, original + step);
            double down = lossAt(sd, at, i, original - step);
            at.putScalar(i, original);
            double numeric = (up - down) / (2 * step);
            double error = Math.abs(numeric - analytic.getDouble(i));
            worst = Math.max(worst, error / Math.max(1, Math.abs(numeric)));
        }
        return worst;
    }

    /** Whether the gradient is right; a throwing operation is not. */
    static boolean isRight(Function<SDVariable, SDVariable> function, long... shape) {
        try {
            return worstError(function, shape) < 1e-6;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static double lossAt(SameDiff sd, INDArray at, long i, double value) {
        at.putScalar(i, value);
        return sd.output(Map.of(), "loss").get("loss").getDouble(0);
    }

    static INDArray indices(int... values) {
        return Nd4j.createFromArray(Arrays.copyOf(values, values.length));
    }
}
