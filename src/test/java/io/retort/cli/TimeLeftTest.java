package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TimeLeftTest {
    @Test
    void itIsToldFromTheFirstPieceOfWorkOn() {
        TimeLeft left = new TimeLeft();
        left.at(0, 100);
        assertFalse(left.until(1000, 0).isPresent());
        left.at(2, 120);
        assertEquals(88, left.until(1000, 2).getAsDouble(), 1e-9);
        assertEquals(85, left.until(1000, 5).getAsDouble(), 1e-9);
    }

    @Test
    void aSlowBeginningIsForgotten() {
        TimeLeft left = new TimeLeft();
        for (int second = 0; second <= 60; second++) left.at(second, second < 30 ? 0 : (second - 30) * 10);
        assertEquals(70, left.until(1000, 60).getAsDouble(), 1);
    }

    @Test
    void aSingleSlowStepIsNotTakenForTheRule() {
        TimeLeft left = new TimeLeft();
        for (int second = 0; second <= 300; second++) left.at(second, second);
        left.at(305, 301);
        assertTrue(left.until(400, 305).getAsDouble() < 110);
    }

    @Test
    void workThatWasDoneBeforeIsNotTakenForSpeed() {
        TimeLeft left = new TimeLeft();
        left.at(0, 900_000);
        left.at(10, 900_010);
        assertEquals(1, left.speed().getAsDouble(), 1e-9);
    }

    @Test
    void itIsWrittenNoMorePreciselyThanItIsKnown() {
        assertEquals("", TimeLeft.rounded(4));
        assertEquals("40 s", TimeLeft.rounded(41));
        assertEquals("1 min", TimeLeft.rounded(58));
        assertEquals("4 min", TimeLeft.rounded(250));
        assertEquals("59 min", TimeLeft.rounded(59 * 60));
        assertEquals("1 h", TimeLeft.rounded(60 * 60));
        assertEquals("2 h 05 min", TimeLeft.rounded(125 * 60));
        assertEquals("12 h", TimeLeft.rounded(12 * 3600 + 100));
        assertEquals("3 days", TimeLeft.rounded(72 * 3600));
        assertEquals("0:07", TimeLeft.clock(7.9));
        assertEquals("1:02:03", TimeLeft.clock(3723));
    }
}
