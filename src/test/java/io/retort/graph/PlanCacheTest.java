package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class PlanCacheTest {
    private static final int THREADS = 4;

    private final Set<Thread> asking = ConcurrentHashMap.newKeySet();

    @Test
    void plansOfDifferentShapesAreCompiledAtOnce() throws Exception {
        CyclicBarrier together = new CyclicBarrier(THREADS); // passed only if all compile at the same time
        PlanCache cache = new PlanCache(shapes -> {
            meet(together);
            return plan();
        });
        for (Future<Plan> plan : askAtOnce(cache, 1, 2, 3, 4)) plan.get();
    }

    @Test
    void aPlanOfOneShapeIsCompiledOnceForAllThatWait() throws Exception {
        AtomicInteger compiled = new AtomicInteger();
        PlanCache cache = new PlanCache(shapes -> {
            compiled.incrementAndGet();
            awaitOthers();
            return plan();
        });
        List<Future<Plan>> plans = askAtOnce(cache, 7, 7, 7, 7);
        for (Future<Plan> plan : plans) assertSame(plans.getFirst().get(), plan.get());
        assertSame(plans.getFirst().get(), cache.plan(shapes(7)));
        assertEquals(1, compiled.get());
    }

    @Test
    void aFailureReachesAllThatWaitAndIsNotKept() throws Exception {
        AtomicInteger compiled = new AtomicInteger();
        PlanCache cache = new PlanCache(shapes -> {
            if (compiled.incrementAndGet() > 1) return plan();
            awaitOthers();
            throw new UnsupportedOperationException("not today");
        });
        int failed = 0;
        for (Future<Plan> plan : askAtOnce(cache, 7, 7, 7, 7)) {
            try {
                plan.get();
            } catch (ExecutionException e) {
                assertEquals("not today", e.getCause().getMessage());
                assertSame(UnsupportedOperationException.class, e.getCause().getClass());
                failed++;
            }
        }
        assertTrue(failed > 1, "some waited for the compilation that failed: " + failed);
        assertSame(cache.plan(shapes(7)), cache.plan(shapes(7)));
        assertEquals(2, compiled.get(), "one failed, one is kept");
    }

    @Test
    void theCallersMapMayChangeAfterwards() {
        PlanCache cache = new PlanCache(shapes -> plan());
        Map<String, Shape> mine = new HashMap<>(shapes(1));
        Plan first = cache.plan(mine);
        mine.put("x", Shape.of(2));
        assertNotSame(first, cache.plan(mine));
        assertSame(first, cache.plan(shapes(1)));
    }

    @Test
    void anErrorOfTheCompilerIsThrownAsItIs() {
        PlanCache cache = new PlanCache(shapes -> {
            throw new OutOfMemoryError("made up");
        });
        assertThrows(OutOfMemoryError.class, () -> cache.plan(shapes(1)));
    }

    private List<Future<Plan>> askAtOnce(PlanCache cache, int... sizes) throws Exception {
        CyclicBarrier start = new CyclicBarrier(sizes.length);
        try (ExecutorService threads = Executors.newFixedThreadPool(sizes.length)) {
            List<Callable<Plan>> questions = new ArrayList<>();
            for (int size : sizes) {
                questions.add(() -> {
                    meet(start);
                    asking.add(Thread.currentThread());
                    return cache.plan(shapes(size));
                });
            }
            return threads.invokeAll(questions);
        }
    }

    private static Map<String, Shape> shapes(int size) {
        return Map.of("x", Shape.of(size));
    }

    private static Plan plan() {
        return Plan.of(List.of(), List.of(), List.of(), 0);
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(300, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Returns once the others wait for the plan, or after a time in which they could have come to. */
    private void awaitOthers() {
        try {
            for (int i = 0; i < 3000; i++) {
                if (asking.stream().filter(each -> each.getState() == Thread.State.WAITING).count() == THREADS - 1)
                    return;
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
