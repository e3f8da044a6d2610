package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.retort.gpu.FakeCard;
import io.retort.gpu.GpuResidence;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** The CPU takes over from a card that fails. */
@Isolated("reads what the search logs")
class FailoverSearchTest {
    private final WorkerPool pool = new WorkerPool(2);
    private final Arena arena = Arena.ofShared();
    private final float[][] vectors = ResponseSearchContract.vectors(new SplittableRandom(5), 300, 12);
    private final Rows rows = RowSearchContract.rows(arena, vectors, Metric.INNER_PRODUCT);
    private final Logger logger = (Logger) LoggerFactory.getLogger(FailoverSearch.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final FakeCard card = new FakeCard();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
    }

    @AfterEach
    void close() {
        logger.setAdditive(true);
        logger.detachAppender(log);
        card.close();
        pool.close();
        arena.close();
    }

    private ResponseSearch onCpu() {
        return new ExactSearch(rows, Metric.INNER_PRODUCT, Kernels.best(), pool);
    }

    private FailoverSearch search() {
        return new FailoverSearch(
                () -> GpuSearch.owning(card.open(), GpuResidence.WHOLE, rows, Metric.INNER_PRODUCT, Kernels.best(),
                        pool),
                this::onCpu);
    }

    private void assertWarnedOnce(String part) {
        assertEquals(1, log.list.size(), log.list.toString());
        assertEquals(Level.WARN, log.list.getFirst().getLevel());
        assertTrue(log.list.getFirst().getFormattedMessage().contains(part), log.list.toString());
    }

    @Test
    void aCardThatWorksIsUsedAndNothingIsSaid() {
        try (FailoverSearch search = search()) {
            assertEquals(SearchMethod.GPU, SearchPlan.methodOf(search));
            search.search(vectors[0], 2);
            assertTrue(card.launches() > 0);
        }
        assertEquals(List.of(), log.list);
        assertEquals(List.of(), card.live());
    }

    @Test
    void aCardThatCannotBeginIsReplacedWithOneWarning() {
        card.withFree(1 << 20);
        try (ResponseSearch expected = onCpu(); FailoverSearch search = search()) {
            assertEquals(SearchMethod.EXACT, SearchPlan.methodOf(search));
            assertEquals(expected.search(vectors, 3, null), search.search(vectors, 3, null));
            assertEquals(expected.search(vectors[1], 3), search.search(vectors[1], 3));
        }
        assertWarnedOnce("1 MB of memory free");
        assertEquals(List.of(), card.live());
    }

    @Test
    void aCardThatFailsInTheMiddleIsReplacedForAllThreadsWithOneWarning() throws Exception {
        try (ResponseSearch expected = onCpu();
                FailoverSearch search = search();
                ExecutorService threads = Executors.newFixedThreadPool(6)) {
            search.search(vectors[0], 2);
            card.breakDown();
            List<Future<Hits>> found = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                float[] query = vectors[i];
                found.add(threads.submit(() -> search.search(query, 4)));
            }
            for (int i = 0; i < 60; i++) assertEquals(expected.search(vectors[i], 4), found.get(i).get());
            assertEquals(SearchMethod.EXACT, SearchPlan.methodOf(search));
            assertEquals(List.of(), card.live(), "a broken card is given back at once");
        }
        assertWarnedOnce("CUDA_ERROR_ILLEGAL_ADDRESS");
    }

    @Test
    void whatIsClosedStaysClosedWhetherTheCardFailedOrNot() {
        FailoverSearch whole = search();
        whole.close();
        assertThrows(IllegalStateException.class, () -> whole.search(vectors[0], 1));
        FailoverSearch broken = search();
        card.breakDown();
        broken.search(vectors[0], 1);
        broken.close();
        broken.close();
        assertThrows(IllegalStateException.class, () -> broken.search(vectors[0], 1));
    }
}
