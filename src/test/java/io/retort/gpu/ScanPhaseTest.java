package io.retort.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ScanPhaseTest {
    /** Of 2^31 rows. */
    private static final int MOST_TILES = 1 << 25;

    @Property(tries = 500)
    void aScheduleVisitsEachTileOnce(@ForAll @IntRange(min = 1, max = 20_000) int tiles,
            @ForAll @IntRange(min = 1, max = 200) int sample,
            @ForAll @DoubleRange(min = 2, max = 1000) double growth) {
        assertEachTileOnce(tiles, sample, growth);
    }

    @Test
    void ofAsManyTilesAsMayBeToo() {
        for (double growth : new double[]{2, 1e6}) assertEachTileOnce(MOST_TILES, 128, growth);
        assertEachTileOnce(7 * 7 * 7 * 7 * 128 + 1, 128, 2.5);
    }

    @Test
    @Tag("slow")
    void ofAsManyTilesAsMayBeBySeveralSamplesAndGrowths() {
        SplittableRandom random = new SplittableRandom(5);
        for (int sample : new int[]{1, 3, 128}) {
            for (double growth : new double[]{2, 10, random.nextDouble(2, 3), 1e6}) {
                assertEachTileOnce(MOST_TILES, sample, growth);
            }
        }
        for (int tiles : new int[]{MOST_TILES - 1, MOST_TILES / 128 * 100, 7 * 7 * 7 * 7 * 128 + 1}) {
            for (int sample : new int[]{1, 128}) assertEachTileOnce(tiles, sample, random.nextDouble(2, 3));
        }
    }

    private static void assertEachTileOnce(int tiles, int sample, double growth) {
        List<ScanPhase> phases = ScanPhase.schedule(tiles, sample, growth);
        BitSet visited = new BitSet(tiles);
        int before = 0;
        for (ScanPhase phase : phases) {
            assertEquals(before == 0, phase.direct());
            for (int visit = 0; visit < phase.tiles(); visit++) {
                int tile = phase.tile(visit);
                assertTrue(tile >= 0 && tile < tiles, () -> "tile " + tile + " of " + tiles + " by " + phase);
                assertFalse(visited.get(tile), () -> "tile " + tile + " again by " + phase);
                visited.set(tile);
            }
            int all = before + phase.tiles();
            if (before == 0) assertTrue(all <= sample, () -> "a sample of " + all + ", not " + sample);
            // A stride is a whole number, and so is the number of its multiples.
            else assertTrue(all <= (before + 1) * Math.ceil(growth), all + " after " + before);
            before = all;
        }
        assertEquals(tiles, visited.cardinality());
    }
}
