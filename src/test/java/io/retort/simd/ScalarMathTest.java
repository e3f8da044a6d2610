package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;

class ScalarMathTest {
    @Test
    void theErrorFunctionIsThatOfCommonsMath() {
        for (double x = -7; x <= 7; x += 0.037) {
            assertEquals(Erf.erf(x), ScalarMath.erf(x), 4e-15, "erf " + x);
            assertRelative(Erf.erfc(x), ScalarMath.erfc(x), 4e-12, "erfc " + x);
        }
    }

    @Test
    void theSeriesMeetsTheContinuedFraction() {
        double below = Math.nextDown(2.5);
        assertRelative(ScalarMath.erfc(2.5), ScalarMath.erfc(below), 2e-12, "erfc at 2.5");
    }

    @Test
    void valuesThatAreKnown() {
        assertEquals(0.8427007929497149, ScalarMath.erf(1), 1e-15);
        assertRelative(2.1519736712498913e-17, ScalarMath.erfc(6), 1e-13, "erfc 6");
        assertEquals(0.8413447460685429, ScalarMath.gelu(1), 1e-15);
        assertEquals(1.0833154705876864, ScalarMath.geluGradient(1), 1e-15);
        assertEquals(0.8411919906082768, ScalarMath.geluTanh(1), 1e-15);
        assertEquals(0, ScalarMath.gelu(Double.NEGATIVE_INFINITY));
        assertEquals(Double.POSITIVE_INFINITY, ScalarMath.gelu(Double.POSITIVE_INFINITY));
        assertEquals(1, ScalarMath.geluGradient(Double.POSITIVE_INFINITY));
        assertTrue(Double.isNaN(ScalarMath.erf(Double.NaN)) && Double.isNaN(ScalarMath.gelu(Double.NaN)));
    }

    @Test
    void gradientsAreThoseOfCentralDifferences() {
        for (double x = -6; x <= 6; x += 0.11) {
            assertEquals(slope(ScalarMath::gelu, x), ScalarMath.geluGradient(x), 1e-9, "gelu at " + x);
            assertEquals(slope(ScalarMath::normal, x), ScalarMath.normalDensity(x), 1e-9, "normal at " + x);
        }
    }

    private static double slope(DoubleUnaryOperator f, double x) {
        double h = 1e-5;
        return (f.applyAsDouble(x + h) - f.applyAsDouble(x - h)) / (2 * h);
    }

    private static void assertRelative(double expected, double actual, double bound, String what) {
        assertEquals(expected, actual, bound * Math.abs(expected), what);
    }
}
