package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.api.Test;

@Timeout(600)
class WorkerPoolTest {
    @ParameterizedTest
    @CsvSource({"1,0,1", "1,10,3", "3,1000,7", "3,2,1", "4,2147483647,1000000000"})
    void everyRangeRunsOnce(int threads, int count, int grain) {
        try (WorkerPool pool = new WorkerPool(threads)) {
            AtomicIntegerArray seen = new AtomicIntegerArray((int) (((long) count + grain - 1) / grain));
            pool.forRanges(count, grain, (slot, from, to) -> {
                assertTrue(slot >= 0 && slot < threads);
                assertEquals(0, from % grain);
                assertEquals(Math.min((long) from + grain, count), to);
                seen.incrementAndGet(from / grain);
            });
            for (int i = 0; i < seen.length(); i++) assertEquals(1, seen.get(i));
        }
    }

    @Test
    void threadsWorkAtTheSameTimeInSlotsOfTheirOwn() {
        try (WorkerPool pool = new WorkerPool(3)) {
            CountDownLatch together = new CountDownLatch(3);
            Set<Integer> slots = ConcurrentHashMap.newKeySet();
            Set<Thread> threads = ConcurrentHashMap.newKeySet();
            pool.forRanges(3, 1, (slot, from, to) -> {
                slots.add(slot);
                threads.add(Thread.currentThread());
                together.countDown();
                await(together);
            });
            assertEquals(Set.of(0, 1, 2), slots);
            assertEquals(3, threads.size());
            assertTrue(threads.remove(Thread.currentThread()), "the calling thread works too");
            assertTrue(threads.stream().allMatch(Thread::isDaemon));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theFirstFailureReachesTheCallerAndThePoolLivesOn() {
        try (WorkerPool pool = new WorkerPool(2)) {
            RuntimeException failure = new IllegalStateException("here");
            assertSame(failure,
                    assertThrows(IllegalStateException.class, () -> pool.forRanges(100, 1, (s, from, to) -> {
                        if (from == 40) throw failure;
                    })));
            int[] sums = new int[2];
            pool.forRanges(100, 1, (slot, from, to) -> sums[slot] += from);
            assertEquals(4950, IntStream.of(sums).sum());
        }
    }

    @Test
    void loopsWithinLoopsAndFromManyThreadsEnd() {
        try (WorkerPool pool = new WorkerPool(2)) {
            AtomicIntegerArray seen = new AtomicIntegerArray(1);
            IntStream.range(0, 8).parallel().forEach(i -> pool.forRanges(20, 1,
                    (slot, from, to) -> pool.forRanges(5, 2, (s, f, t) -> seen.addAndGet(0, t - f))));
            assertEquals(8 * 20 * 5, seen.get(0));
        }
    }

    @Test
    void manyShortLoopsOneAfterAnotherEachEndComplete() {
        try (WorkerPool pool = new WorkerPool(3)) {
            int[] values = new int[64];
            for (int loop = 1; loop <= 20_000; loop++) {
                pool.forRanges(values.length, 5, (slot, from, to) -> {
                    for (int i = from; i < to; i++) values[i]++;
                });
                // Written by other threads, without synchronisation of its own.
                assertEquals(loop * values.length, IntStream.of(values).sum());
            }
        }
    }

    @Test
    void aHelperSleepsWhenIdleAndComesBack() throws InterruptedException {
        try (WorkerPool pool = new WorkerPool(2)) {
            Thread helper = helperOf(pool);
            while (helper.getState() != Thread.State.WAITING) Thread.sleep(1);
            assertSame(helper, helperOf(pool));
        }
    }

    /** The other thread of a pool of two. */
    private static Thread helperOf(WorkerPool pool) {
        CountDownLatch together = new CountDownLatch(2);
        Thread[] threads = new Thread[2];
        pool.forRanges(2, 1, (slot, from, to) -> {
            threads[slot] = Thread.currentThread();
            together.countDown();
            await(together);
        });
        assertSame(Thread.currentThread(), threads[0]);
        return threads[1];
    }

    @Test
    void aCallerThatIsInterruptedStillWaitsForAllRanges() {
        try (WorkerPool pool = new WorkerPool(2)) {
            Thread caller = Thread.currentThread();
            AtomicIntegerArray done = new AtomicIntegerArray(2);
            CountDownLatch together = new CountDownLatch(2);
            pool.forRanges(2, 1, (slot, from, to) -> {
                together.countDown();
                await(together);
                if (Thread.currentThread() != caller) {
                    while (done.get(0) == 0) Thread.onSpinWait();
                    caller.interrupt();
                    sleepUntilWaiting(caller);
                }
                done.incrementAndGet(slot);
            });
            assertEquals(1, done.get(1));
            assertTrue(Thread.interrupted(), "and learns of it");
        }
    }

    /** Gives the caller time to take an interruption for an end, if it would. */
    private static void sleepUntilWaiting(Thread caller) {
        for (int i = 0; i < 50 && caller.getState() == Thread.State.RUNNABLE; i++) {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void theThreadsOfAClosedPoolEnd() throws InterruptedException {
        WorkerPool pool = new WorkerPool(2);
        Thread helper = helperOf(pool);
        pool.close();
        helper.join();
    }

    @Test
    void noHelperIsLeftWhenClosingReturns() {
        for (int round = 0; round < 50; round++) {
            WorkerPool pool = new WorkerPool(2);
            Thread helper = helperOf(pool);
            pool.close();
            assertFalse(helper.isAlive());
            pool.close();
        }
    }

    @Test
    void aLoopThatRunsWhileItsPoolIsClosedIsDoneWhole() throws InterruptedException {
        WorkerPool pool = new WorkerPool(2);
        AtomicIntegerArray done = new AtomicIntegerArray(500);
        CountDownLatch begun = new CountDownLatch(1);
        Thread caller = Thread.ofPlatform().start(() -> pool.forRanges(done.length(), 1, (slot, from, to) -> {
            begun.countDown();
            done.incrementAndGet(from);
            LockSupport.parkNanos(10_000);
        }));
        await(begun);
        pool.close();
        caller.join();
        for (int i = 0; i < done.length(); i++) assertEquals(1, done.get(i));
    }

    @Test
    void aRangeMayCloseItsOwnPool() {
        WorkerPool pool = new WorkerPool(3);
        CountDownLatch together = new CountDownLatch(3);
        pool.forRanges(3, 1, (slot, from, to) -> {
            together.countDown();
            await(together);
            pool.close();
        });
        assertThrows(IllegalStateException.class, () -> pool.forRanges(1, 1, (slot, from, to) -> {
        }));
    }

    @Test
    void whoIsInterruptedWhileClosingLearnsOfIt() {
        WorkerPool pool = new WorkerPool(2);
        Thread helper = helperOf(pool);
        Thread.currentThread().interrupt();
        pool.close();
        assertTrue(Thread.interrupted());
        assertFalse(helper.isAlive());
    }

    @Test
    void aClosedPoolRefusesWork() {
        WorkerPool pool = new WorkerPool(2);
        pool.close();
        assertThrows(IllegalStateException.class, () -> pool.forRanges(1, 1, (slot, from, to) -> {
        }));
        assertThrows(IllegalArgumentException.class, () -> new WorkerPool(0));
    }
}
