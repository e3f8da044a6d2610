package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Checks that the yardstick measures what it says; its numbers are the machine's own, so none is expected. */
class MachinePeakTest {
    @Test
    void ratesArePositive() {
        Optional<MachinePeak> peak = MachinePeak.measure(2);
        assertEquals(Kernels.best() instanceof ScalarKernels, peak.isEmpty());
        peak.ifPresent(rates -> {
            assertEquals(2, rates.threads());
            assertTrue(rates.peakGflops() > 0 && rates.gemmGflops() > 0 && rates.readGbytes() > 0, rates.toString());
        });
    }

    @Test
    void productsFarFromThePeakAreSaidToBe() {
        assertEquals(Optional.empty(), new MachinePeak(1, 160, 100, 14).weakness());
        String weakness = new MachinePeak(1, 160, 12, 14).weakness().orElseThrow();
        assertTrue(weakness.startsWith("products reach 8 % of the multiply-adds"), weakness);
    }

    @Test
    void theLoopsDoAllTheirWork() {
        assertEquals(12 * Lanes.COUNT * (0.5f + 3 * 0x1p-11f), PeakLoops.multiplyAdds(3),
                "1/2 + 3/2^11 after three steps");
        float[] ones = new float[(int) PeakLoops.STEP_BYTES];
        Arrays.fill(ones, 1);
        assertEquals(ones.length, PeakLoops.sum(MemorySegment.ofArray(ones)));
    }
}
