package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.gpu.FakeCard;
import io.retort.gpu.Gpu;
import io.retort.gpu.GpuInfo;
import io.retort.gpu.NoGpu;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a card is taken that nobody asked for. */
class SearchPlanTest {
    private static final SearchPlan ON_CPU = new SearchPlan(SearchMethod.SCREENED, SearchMethod.SCREENED);
    private static final SearchPlan ON_CARD = new SearchPlan(SearchMethod.GPU, SearchMethod.SCREENED);
    private static final long GIB = 1L << 30;

    private static GpuInfo card(int major, long memory) {
        return new GpuInfo("card", 0, "0000:00:00.0", "13.0", major, 0, memory, 132, 50 << 20, 232_448, 0, 0);
    }

    private static SearchPlan auto(int rows, int dims, long searches, GpuInfo card) {
        return SearchPlan.auto(SearchMethod.SCREENED, rows, dims, searches, () -> Optional.ofNullable(card));
    }

    @Test
    void aCardIsTakenForManySearchesOfALargeIndex() {
        GpuInfo card = card(9, 80 * GIB);
        assertEquals(ON_CARD, auto(1_000_000, 768, SearchPlan.MANY, card));
        assertEquals(ON_CARD, auto(500_000, 384, SearchPlan.MANY, card));
        assertEquals(ON_CARD, auto(15_000, 384, 100_000, card));
        assertEquals(ON_CPU, auto(15_000, 384, SearchPlan.MANY, card));
        assertEquals(ON_CPU, auto(1_000_000, 768, 1, card));
        assertEquals(ON_CARD, auto(Integer.MAX_VALUE / 100, 1024, Long.MAX_VALUE, card(9, 1000 * GIB)));
    }

    @Test
    void aCardThatCannotDoItIsNotTaken() {
        assertEquals(ON_CPU, auto(1_000_000, 768, SearchPlan.MANY, null));
        assertEquals(ON_CPU, auto(1_000_000, 768, SearchPlan.MANY, card(7, 80 * GIB)), "too old");
        assertEquals(ON_CPU, auto(1_000_000, 768, SearchPlan.MANY, card(9, 3 * GIB)), "too small");
        assertEquals(ON_CARD, auto(1_000_000, 768, SearchPlan.MANY, card(8, 4 * GIB)));
        assertEquals(ON_CPU, auto(1_000_000, 70_000, SearchPlan.MANY, card(9, 1000 * GIB)), "too many dims");
    }

    @Test
    void aCardThatFailsToTellWhatItIsIsNotTaken() {
        try (FakeCard broken = new FakeCard().failingAt(2)) {
            assertEquals(ON_CPU, SearchPlan.auto(SearchMethod.SCREENED, 1_000_000, 768, SearchPlan.MANY, () -> {
                try (Gpu gpu = broken.open()) {
                    return Optional.of(gpu.info());
                }
            }));
        }
    }

    @Test
    void theDriverIsNotAskedWhereNoCardWouldPay() {
        assertEquals(ON_CPU, SearchPlan.auto(SearchMethod.SCREENED, 15_000, 384, SearchPlan.MANY, () -> {
            throw new AssertionError("asked");
        }));
    }

    @Test
    void aCardThatIsAskedForAndNotThereIsRefusedBeforeAnyWork() {
        assumeTrue(Gpu.obstacle().isPresent(), "there is a card here");
        NoGpu refused = assertThrows(NoGpu.class, () -> SearchPlan.of(SearchMethod.GPU));
        assertTrue(refused.getMessage().contains(Gpu.obstacle().orElseThrow())
                && refused.getMessage().contains("on the CPU"), refused.getMessage());
        assertEquals(ON_CPU, SearchPlan.of(SearchMethod.SCREENED));
    }
}
