package io.retort.simd;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fixed number of threads that share the ranges of a loop. The calling thread is one of them: with one thread nothing
 * is handed over, and a call within a call, or from many threads at once, cannot deadlock.
 */
public final class WorkerPool implements AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final int threads;
    private final ThreadPoolExecutor helpers;

    /**
     * @param threads including the calling one, 1 or more
     */
    public WorkerPool(int threads) {
        if (threads < 1) throw new IllegalArgumentException("threads = " + threads);
        this.threads = threads;
        this.helpers = new ThreadPoolExecutor(threads - 1, Math.max(1, threads - 1), 1, TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(), WorkerPool::daemon);
    }

    private static Thread daemon(Runnable work) {
        return Thread.ofPlatform().daemon().name("retort-worker-" + NAMES.incrementAndGet()).unstarted(work);
    }

    /** Threads that work on one loop at most, the calling one included: slots are {@code [0, threads())}. */
    public int threads() {
        return threads;
    }

    /** Part of a loop. */
    @FunctionalInterface
    public interface RangeTask {
        /**
         * Works on {@code [from, to)}.
         *
         * @param slot number of the working thread in this loop: no two threads have the same slot, so that it may
         * index scratch space
         */
        void run(int slot, int from, int to);
    }

    /**
     * Runs {@code task} over {@code [0, count)} in ranges of {@code grain} (the last may be shorter), each once, in no
     * particular order or thread, and returns when all are done. What the task writes is visible to the caller. If a
     * range fails, no further one is begun and the first failure is thrown, others suppressed in it.
     */
    public void forRanges(int count, int grain, RangeTask task) {
        if (count < 0 || grain < 1) throw new IllegalArgumentException("count " + count + ", grain " + grain);
        if (helpers.isShutdown()) throw new IllegalStateException("this pool is closed");
        Loop loop = new Loop(count, grain, task);
        int wanted = Math.min(threads, loop.ranges) - 1;
        for (int i = 0; i < wanted; i++) helpers.execute(loop);
        loop.run();
        loop.await();
    }

    /** Lets running loops end and the threads go. */
    @Override
    public void close() {
        helpers.shutdown();
    }

    private static final class Loop implements Runnable {
        private final int count;
        private final int grain;
        private final int ranges;
        private final RangeTask task;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger slots = new AtomicInteger();
        // Guarded by this loop's monitor.
        private int working;
        private boolean over;
        private Throwable failure;

        Loop(int count, int grain, RangeTask task) {
            this.count = count;
            this.grain = grain;
            this.ranges = (int) (((long) count + grain - 1) / grain);
            this.task = task;
        }

        @Override
        public void run() {
            if (!enter()) return;
            Throwable problem = null;
            try {
                int slot = slots.getAndIncrement();
                for (int r = next.getAndIncrement(); r < ranges && r >= 0; r = next.getAndIncrement()) {
                    int from = r * grain;
                    task.run(slot, from, (int) Math.min(count, (long) from + grain));
                }
            } catch (Throwable e) { // whatever it is, the caller gets it
                problem = e;
            }
            leave(problem);
        }

        /** A helper that comes when the loop is over must not touch it any more: nobody would wait for it. */
        private synchronized boolean enter() {
            if (over) return false;
            working++;
            return true;
        }

        private synchronized void leave(Throwable problem) {
            if (problem != null) {
                next.set(ranges);
                if (failure == null) failure = problem;
                else if (failure != problem) failure.addSuppressed(problem);
            }
            working--;
            notifyAll();
        }

        private synchronized void await() {
            boolean interrupted = false;
            while (working > 0) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    // Ranges write into the caller's arrays: returning early would let them race with it.
                    interrupted = true;
                }
            }
            over = true;
            if (interrupted) Thread.currentThread().interrupt();
            if (failure instanceof Error e) throw e;
            if (failure instanceof RuntimeException e) throw e;
        }
    }
}
