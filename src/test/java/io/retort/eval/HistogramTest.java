package io.retort.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void everyNumberIsInOneBinAndTheGreatestInTheLast() {
        Histogram histogram = Histogram.of(new double[]{-2, -1.5, -1, 0, 2}, 4);
        assertArrayEquals(new int[]{2, 1, 1, 1}, histogram.counts());
        assertEquals(-0.5, histogram.mean());
        assertEquals(-1, histogram.edge(1));
    }

    @Test
    void equalNumbersFillOneBin() {
        assertArrayEquals(new int[]{3, 0}, Histogram.of(new double[]{1, 1, 1}, 2).counts());
    }
}
