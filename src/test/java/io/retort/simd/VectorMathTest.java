package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleBiFunction;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** Compares each function with {@link ScalarMath} on floats of every sign and size, and holds its error to a bound. */
class VectorMathTest {
    /** A prime, so that the floats tried differ in their low bits too: half a million of the 4 billion. */
    private static final int STRIDE = 7919;
    private static final float ALL = Float.MAX_VALUE;

    /** Holds the greatest error, by a measure, over all floats tried in [least, most]. */
    private static void assertError(String name, UnaryOperator<FloatVector> function, DoubleUnaryOperator exact,
            float least, float most, ToDoubleBiFunction<Double, Float> measure, double bound) {
        float[] x = new float[Lanes.COUNT], y = new float[Lanes.COUNT];
        double worst = 0;
        float where = 0;
        long bits = Integer.MIN_VALUE;
        while (bits <= Integer.MAX_VALUE) {
            for (int i = 0; i < x.length; bits += STRIDE) {
                float candidate = bits <= Integer.MAX_VALUE ? Float.intBitsToFloat((int) bits) : least;
                if (candidate >= least && candidate <= most) x[i++] = candidate;
            }
            function.apply(FloatVector.fromArray(Lanes.FLOATS, x, 0)).intoArray(y, 0);
            for (int i = 0; i < x.length; i++) {
                double error = measure.applyAsDouble(exact.applyAsDouble(x[i]), y[i]);
                if (!(error <= worst)) {
                    worst = error;
                    where = x[i];
                }
            }
        }
        assertTrue(worst <= bound, name + ": error " + worst + " at " + where);
    }

    /** Distance in units of the last place of the exact value rounded. */
    private static double ulps(double exact, float actual) {
        float rounded = (float) exact;
        if (Float.isNaN(rounded) || Float.isInfinite(rounded)) return Float.compare(rounded, actual) == 0 ? 0 : 1e9;
        return Math.abs(exact - actual) / Math.ulp(rounded);
    }

    private static double distance(double exact, float actual) {
        return Float.compare((float) exact, actual) == 0 ? 0 : Math.abs(exact - actual);
    }

    /** Distance, relative above 1. */
    private static double mixed(double exact, float actual) {
        return distance(exact, actual) / Math.max(1, Math.abs(exact));
    }

    @Test
    void exponentialsAreWithinUlps() {
        assertError("exp", VectorMath::exp, Math::exp, -ALL, ALL, VectorMathTest::ulps, 1.5);
        assertError("exp to 0", VectorMath::expOfNonPositive, Math::exp, -1, 0, VectorMathTest::ulps, 2.5);
        assertError("exp to 0", VectorMath::expOfNonPositive, Math::exp, -87, 0, VectorMathTest::ulps, 20);
        assertError("exp to 0", VectorMath::expOfNonPositive, Math::exp, -ALL, 0, VectorMathTest::distance, 2e-7);
    }

    @Test
    void logarithmsAreWithinAnUlp() {
        assertError("log", VectorMath::log, Math::log, -ALL, ALL, VectorMathTest::ulps, 1);
    }

    @Test
    void hyperbolicTangentsAreWithinTwoUlps() {
        assertError("tanh", VectorMath::tanh, Math::tanh, -ALL, ALL, VectorMathTest::ulps, 2);
    }

    @Test
    void errorFunctionsAreWithinFiveUlps() {
        assertError("erf", VectorMath::erf, ScalarMath::erf, -ALL, ALL, VectorMathTest::ulps, 5);
        assertError("erf", VectorMath::erf, ScalarMath::erf, -ALL, ALL, VectorMathTest::distance, 3e-7);
    }

    @Test
    void sigmoidsAreWithinUlps() {
        assertError("sigmoid", VectorMath::sigmoid, ScalarMath::sigmoid, -ALL, ALL, VectorMathTest::distance, 1.5e-7);
        assertError("sigmoid", VectorMath::sigmoid, ScalarMath::sigmoid, -20, ALL, VectorMathTest::ulps, 8);
    }

    @Test
    void gelusAreWithinUlpsWhereTheyAreNotNearlyZero() {
        assertError("gelu", VectorMath::gelu, ScalarMath::gelu, -ALL, ALL, VectorMathTest::mixed, 1e-7);
        assertError("gelu", VectorMath::gelu, ScalarMath::gelu, -1, ALL, VectorMathTest::ulps, 4);
        assertError("geluTanh", VectorMath::geluTanh, ScalarMath::geluTanh, -ALL, ALL, VectorMathTest::mixed, 1.2e-7);
        assertError("geluTanh", VectorMath::geluTanh, ScalarMath::geluTanh, -1, ALL, VectorMathTest::ulps, 4);
    }

    @Test
    void gradientsOfGeluAreWithinTheirBound() {
        assertError("geluGradient", VectorMath::geluGradient, ScalarMath::geluGradient, -ALL, ALL,
                VectorMathTest::distance, 2.5e-7);
    }

    @Test
    void edgesComeOutRight() {
        float inf = Float.POSITIVE_INFINITY, nan = Float.NaN;
        assertValues(VectorMath::exp, -inf, 0, inf, inf, nan, nan, 0, 1, -0f, 1, Float.MIN_VALUE, 1, 89, inf, -104, 0);
        assertValues(VectorMath::expOfNonPositive, -inf, 0, nan, nan, 0, 1, -ALL, 0);
        assertValues(VectorMath::log, 0, -inf, -0f, -inf, inf, inf, nan, nan, -1, nan, -inf, nan, 1, 0,
                -Float.MIN_VALUE, nan);
        assertValues(VectorMath::tanh, -inf, -1, inf, 1, nan, nan, 0, 0, -0f, -0f, 40, 1, -ALL, -1);
        assertValues(VectorMath::erf, -inf, -1, inf, 1, nan, nan, 0, 0, -0f, -0f, 5, 1, -ALL, -1);
        assertValues(VectorMath::sigmoid, -inf, 0, inf, 1, nan, nan, 0, .5f, -ALL, 0, ALL, 1);
        assertValues(VectorMath::gelu, inf, inf, nan, nan, ALL, ALL, 20, 20);
        assertValues(VectorMath::geluTanh, inf, inf, nan, nan, ALL, ALL, 20, 20);
        assertValues(VectorMath::geluGradient, inf, 1, nan, nan, ALL, 1, 0, .5f);
        assertValues(VectorMath::sign, -inf, -1, inf, 1, nan, nan, 0, 0, -0f, -0f, -3, -1, Float.MIN_VALUE, 1);
        for (UnaryOperator<FloatVector> f : List.<UnaryOperator<FloatVector>>of(VectorMath::gelu, VectorMath::geluTanh,
                VectorMath::geluGradient)) {
            for (float x : new float[]{-inf, -ALL, -50}) assertEquals(0, at(f, x), 1e-18, "to the left: nothing");
        }
    }

    /** Pairs of x and f(x), the same bits but for NaN. */
    private static void assertValues(UnaryOperator<FloatVector> function, float... pairs) {
        for (int i = 0; i < pairs.length; i += 2) assertEquals(pairs[i + 1], at(function, pairs[i]), "at " + pairs[i]);
    }

    private static float at(UnaryOperator<FloatVector> function, float x) {
        return function.apply(FloatVector.broadcast(Lanes.FLOATS, x)).lane(Lanes.COUNT - 1);
    }
}
