package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.gpu.Gpu;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What searches hold is given back, and nobody reads what is gone. */
class SearchLifeTest {
    private static final SplittableRandom RANDOM = new SplittableRandom(12);

    @TempDir
    Path folder;

    @Test
    void closingAScreenedSearchFreesItsCopyAndLeavesTheRows() {
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(2)) {
            Rows rows = RowSearchContract.rows(arena, ResponseSearchContract.vectors(RANDOM, 500, 20),
                    Metric.INNER_PRODUCT);
            Arena own = Arena.ofShared();
            ScreenedSearch search = new ScreenedSearch(rows, Metric.INNER_PRODUCT, Kernels.best(), pool,
                    Integer.MAX_VALUE, own);
            assertTrue(own.scope().isAlive());
            search.close();
            assertFalse(own.scope().isAlive());
            try (ScreenedSearch again = new ScreenedSearch(rows, Metric.INNER_PRODUCT, Kernels.best(), pool)) {
                assertEquals(1, again.search(new float[20], 1).size());
            }
        }
    }

    @Test
    void aSearchThatCannotBeMadeLeavesNothingBehind() {
        try (Arena arena = Arena.ofShared()) {
            Rows rows = RowSearchContract.rows(arena, ResponseSearchContract.vectors(RANDOM, 500, 20),
                    Metric.INNER_PRODUCT);
            WorkerPool closed = new WorkerPool(2);
            closed.close();
            Arena own = Arena.ofShared();
            assertThrows(IllegalStateException.class, () -> new ScreenedSearch(rows, Metric.INNER_PRODUCT,
                    Kernels.best(), closed, Integer.MAX_VALUE, own));
            assertFalse(own.scope().isAlive());
        }
    }

    @ParameterizedTest
    @EnumSource(SearchMethod.class)
    void anIndexThatIsClosedUnderItsSearchesEndsThemWithAnExceptionNotTheProcess(SearchMethod method)
            throws Exception {
        assumeTrue(method != SearchMethod.GPU || Gpu.obstacle().isEmpty(), () -> Gpu.obstacle().orElseThrow());
        int count = 6000, dims = 48;
        float[][] vectors = ResponseSearchContract.vectors(RANDOM, count, dims);
        Path file = folder.resolve("index");
        ResponseIndexTest.write(file, ResponseIndexTest.spec(Metric.INNER_PRODUCT, dims),
                Collections.nCopies(count, "same"), vectors);
        for (int round = 0; round < 10; round++) {
            try (WorkerPool pool = new WorkerPool(2)) {
                ResponseIndex index = ResponseIndex.open(file);
                ResponseSearch search = method.over(index, Kernels.best(), pool);
                List<Hits> expected = search.search(Arrays.copyOf(vectors, 4), 5, null);
                AtomicInteger answered = new AtomicInteger();
                List<Future<?>> running = new ArrayList<>();
                try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
                    for (int t = 0; t < 4; t++) {
                        int q = t;
                        running.add(threads.submit(() -> {
                            while (true) {
                                try {
                                    assertEquals(expected.get(q), search.search(vectors[q], 5));
                                } catch (IllegalStateException e) {
                                    return;
                                }
                                answered.incrementAndGet();
                            }
                        }));
                    }
                    while (answered.get() < 20 && running.stream().noneMatch(Future::isDone)) Thread.onSpinWait();
                    index.close();
                    for (Future<?> each : running) each.get();
                }
                assertThrows(IllegalStateException.class, () -> search.search(vectors[0], 1));
                assertThrows(IllegalStateException.class, () -> index.reply(0));
                search.close();
            }
        }
    }

    @Test
    void anApproximateSearchCannotPromiseNonsense() {
        for (double recall : new double[]{0, 1, -1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> new Exactness.Approximate(recall, true, "always"));
        }
        assertThrows(IllegalArgumentException.class, () -> new Exactness.Approximate(.9, true, " "));
    }
}
