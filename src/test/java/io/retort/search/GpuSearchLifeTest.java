package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.gpu.FakeCard;
import io.retort.gpu.Gpu;
import io.retort.gpu.GpuException;
import io.retort.gpu.GpuOutOfMemory;
import io.retort.gpu.GpuResidence;
import io.retort.gpu.NoGpu;
import io.retort.gpu.ScreenFormat;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a search does with its card, on one that runs no kernels. */
class GpuSearchLifeTest {
    private final WorkerPool pool = new WorkerPool(2);
    private final Arena arena = Arena.ofShared();
    private final Rows rows = RowSearchContract.rows(arena,
            ResponseSearchContract.vectors(new SplittableRandom(3), 200, 20), Metric.INNER_PRODUCT);

    @AfterEach
    void close() {
        pool.close();
        if (arena.scope().isAlive()) arena.close();
    }

    private GpuSearch owning(Gpu gpu) {
        return GpuSearch.owning(gpu, null, rows, Metric.INNER_PRODUCT, Kernels.best(), pool);
    }

    @Test
    void closingASearchClosesTheCardThatWasOpenedForIt() {
        try (FakeCard card = new FakeCard()) {
            GpuSearch search = owning(card.open());
            search.search(new float[20], 3);
            assertTrue(card.launches() > 0);
            search.close();
            search.close();
            assertEquals(List.of(), card.live());
            assertEquals(List.of(), card.misuse());
        }
    }

    @Test
    void aCardOfTheCallersOutlivesItsSearches() {
        try (FakeCard card = new FakeCard(); Gpu gpu = card.open()) {
            GpuSearch search = new GpuSearch(rows, Metric.INNER_PRODUCT, ScreenFormat.INT8, gpu, Kernels.best(), pool);
            search.search(new float[20], 3);
            search.close();
            gpu.allocate(1000).close();
            assertFalse(card.live().contains("device memory"), card.live().toString());
        }
    }

    @Test
    void searchesThatOpenedTheSameCardDoNotCloseEachOthers() {
        try (FakeCard card = new FakeCard()) {
            GpuSearch first = owning(card.open()), second = owning(card.open());
            first.search(new float[20], 3);
            first.close();
            int launched = card.launches();
            second.search(new float[20], 3);
            assertTrue(card.launches() > launched);
            second.close();
            assertEquals(List.of(), card.live());
            assertEquals(List.of(), card.misuse());
        }
    }

    @Test
    void aSearchThatFailsWhileItIsMadeLeavesNothingOnTheCard() {
        int calls;
        try (FakeCard card = new FakeCard()) {
            GpuSearch search = owning(card.open());
            calls = card.calls();
            search.close();
        }
        int failures = 0;
        for (int call = 0; call < calls; call++) {
            try (FakeCard card = new FakeCard().failingAt(call)) {
                try {
                    owning(card.open()).close(); // What failed was not needed.
                } catch (GpuException e) {
                    failures++;
                    if (e.call().matches("cu.*(Destroy|Free).*")) continue; // It is left by the driver's own fault.
                }
                assertEquals(List.of(), card.live(), "after call " + call);
            }
        }
        assertTrue(failures > calls / 2, failures + " of " + calls);
    }

    @Test
    void tooLittleMemoryIsToldWithWhatIsFreeAndWhatIsWanted() {
        try (FakeCard card = new FakeCard().withFree(100 << 20)) {
            GpuOutOfMemory refused = assertThrows(GpuOutOfMemory.class, () -> GpuSearch.owning(card.open(),
                    GpuResidence.WHOLE, rows, Metric.INNER_PRODUCT, Kernels.best(), pool));
            assertEquals(100 << 20, refused.free());
            assertTrue(refused.wanted() > refused.free());
            assertTrue(
                    refused.getMessage().contains("has 100 MB of memory free, to search 200 vectors of 20 takes 257"),
                    refused.getMessage());
            assertTrue(refused.getMessage().contains("on the CPU"), refused.getMessage());
            assertEquals(List.of(), card.live());
        }
    }

    @Test
    void aCardWithRoomForNothingIsRefusedWhereRowsMayPassThroughToo() {
        try (FakeCard card = new FakeCard().withFree(1 << 20)) {
            GpuOutOfMemory refused = assertThrows(GpuOutOfMemory.class, () -> owning(card.open()));
            assertTrue(refused.getMessage().contains(refused.free() + " bytes of memory free, " + refused.wanted()
                    + " are wanted"), refused.getMessage());
            assertEquals(List.of(), card.live());
        }
    }

    @Test
    void aCardThatIsTooOldIsRefusedByItsName() {
        try (FakeCard card = new FakeCard().ofCapability(7, 5)) {
            NoGpu refused = assertThrows(NoGpu.class, () -> owning(card.open()));
            assertTrue(refused.getMessage().contains("Fake H40 has compute capability 7.5, search needs 8.0"),
                    refused.getMessage());
            assertEquals(List.of(), card.live());
        }
    }

    @Test
    void queriesThatHaveNoRoomOnTheCardAreRefusedWhenTheSearchIsMade() {
        try (FakeCard card = new FakeCard(); Gpu gpu = card.open()) {
            Rows long60 = new Rows(arena.allocate(4 * 60_000, 64), 1, 60_000);
            for (ScreenFormat format : List.of(ScreenFormat.FLOAT16, ScreenFormat.FLOAT32)) {
                NoGpu refused = assertThrows(NoGpu.class, () -> new GpuSearch(long60, Metric.INNER_PRODUCT, format, gpu,
                        Kernels.best(), pool));
                assertTrue(refused.getMessage().contains("60000 dims"), refused.getMessage());
            }
            new GpuSearch(long60, Metric.INNER_PRODUCT, ScreenFormat.INT8, gpu, Kernels.best(), pool).close();
            Rows longer = new Rows(MemorySegment.ofArray(new float[70_000]), 1, 70_000);
            NoGpu refused = assertThrows(NoGpu.class, () -> new GpuSearch(longer, Metric.INNER_PRODUCT,
                    ScreenFormat.INT8, gpu, Kernels.best(), pool));
            assertTrue(refused.getMessage().contains("70000 dims"), refused.getMessage());
        }
    }

    @Test
    void rowsThatAreClosedEndTheSearchOnTheCard() {
        try (FakeCard card = new FakeCard(); GpuSearch search = owning(card.open())) {
            search.search(new float[20], 3);
            arena.close();
            assertThrows(IllegalStateException.class, () -> search.search(new float[20], 3));
        }
    }

    @Test
    void moreHitsThanTheCardGivesAreFoundByTheCpu() {
        float[][] vectors = ResponseSearchContract.vectors(new SplittableRandom(4), 2000, 8);
        Rows many = RowSearchContract.rows(arena, vectors, Metric.INNER_PRODUCT);
        try (FakeCard card = new FakeCard();
                GpuSearch search = GpuSearch.owning(card.open(), null, many, Metric.INNER_PRODUCT, Kernels.best(),
                        pool);
                ExactSearch exact = new ExactSearch(many, Metric.INNER_PRODUCT, Kernels.best(), pool)) {
            assertEquals(exact.search(vectors[0], 1025), search.search(vectors[0], 1025));
        }
    }
}
