package io.retort.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShareTest {
    /** R. G. Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, methods 3 and 5. */
    @ParameterizedTest
    @CsvSource({"81, 263, .2553, .3662, .2527, .3676", "15, 148, .0624, .1605, .0578, .1617",
        "0, 20, 0, .1611, 0, .1684", "1, 29, .0061, .1718, .0009, .1776"})
    void intervalsAreThoseThatWerePublished(int part, int whole, double wilsonLow, double wilsonHigh, double exactLow,
            double exactHigh) {
        Share share = new Share(part, whole);
        assertInterval(wilsonLow, wilsonHigh, share.wilson(), 6e-5);
        assertInterval(exactLow, exactHigh, share.exact(), 6e-5);
    }

    /** Made with scipy.stats.binomtest and proportion_ci. */
    @ParameterizedTest
    @CsvSource({"8, 10, 0.1093750000, 0.4901624715, 0.9433178485, 0.4439045377, 0.9747892737",
        "5, 10, 1.0000000000, 0.2365930905, 0.7634069095, 0.1870860284, 0.8129139716",
        "0, 10, 0.0019531250, 0.0000000000, 0.2775327999, 0.0000000000, 0.3084971078",
        "10, 10, 0.0019531250, 0.7224672001, 1.0000000000, 0.6915028922, 1.0000000000",
        "61, 100, 0.0352002002, 0.5120301705, 0.6998312599, 0.5073144796, 0.7059895851",
        "14, 20, 0.1153182983, 0.4810271816, 0.8545227551, 0.4572108177, 0.8810684096",
        "3, 7, 1.0000000000, 0.1582198553, 0.7495416355, 0.0989882784, 0.8159484324",
        "50, 100, 1.0000000000, 0.4038315304, 0.5961684696, 0.3983211295, 0.6016788705"})
    void testAndIntervalsAreThoseOfScipy(int part, int whole, double p, double wilsonLow, double wilsonHigh,
            double exactLow, double exactHigh) {
        Share share = new Share(part, whole);
        assertEquals(p, share.pOfHalf(), 1e-8);
        assertInterval(wilsonLow, wilsonHigh, share.wilson(), 1e-8);
        assertInterval(exactLow, exactHigh, share.exact(), 1e-7);
    }

    private static void assertInterval(double low, double high, Interval interval, double within) {
        assertEquals(low, interval.low(), within);
        assertEquals(high, interval.high(), within);
    }

    @Test
    void everyShareLiesInItsIntervals() {
        for (int whole = 1; whole <= 40; whole++) {
            for (int part = 0; part <= whole; part++) {
                Share share = new Share(part, whole);
                assertTrue(share.wilson().contains(share.value()) && share.exact().contains(share.value()),
                        share.toString());
                assertEquals(share.pOfHalf(), new Share(whole - part, whole).pOfHalf(), 1e-12);
            }
        }
    }

    @Test
    void aShareOfNothingIsNone() {
        assertThrows(IllegalArgumentException.class, () -> new Share(0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Share(3, 2));
    }
}
