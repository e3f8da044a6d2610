package io.retort.simd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed number of threads that share the ranges of a loop. The calling thread is one of them: with one thread nothing
 * is handed over, and a call within a call, or from many threads at once, cannot deadlock.
 *
 * <p>Made for loops of a few microseconds, one after another. A helper that has nothing to do spins for
 * {@value #SPIN_NANOS} ns, in which the next loop usually comes, and only then sleeps; waking it takes about as long.
 * The caller spins as long for the ranges that helpers still work on. Ranges are handed out one at a time, and a helper
 * that arrives when none is left is not waited for: one that the machine holds up delays a loop by at most the range it
 * works on.
 */
public final class WorkerPool implements AutoCloseable {
    /** What the names of helper threads begin with. */
    public static final String THREAD_NAME = "retort-worker-";
    private static final AtomicInteger NAMES = new AtomicInteger();
    static final long SPIN_NANOS = 100_000;

    private final int threads;
    /** Loops that helpers may join, oldest first. Guards itself and what follows. */
    private final List<SharedLoop> open = new ArrayList<>();
    private final List<Thread> helpers = new ArrayList<>();
    private int asleep;
    private boolean closed;
    /** Changes whenever there may be something to do: what helpers watch while they spin. */
    private volatile int signals;

    /**
     * Makes a pool for a number of threads.
     *
     * @param threads including the calling one, 1 or more
     */
    public WorkerPool(int threads) {
        if (threads < 1) throw new IllegalArgumentException("threads = " + threads);
        this.threads = threads;
    }

    /** Threads that work on one loop at most, the calling one included: slots are {@code [0, threads())}. */
    public int threads() {
        return threads;
    }

    /** The body of a loop, which works on one range of it at a time. */
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
     *
     * @throws IllegalStateException if the pool is closed
     */
    public void forRanges(int count, int grain, RangeTask task) {
        if (count < 0 || grain < 1) throw new IllegalArgumentException("count " + count + ", grain " + grain);
        SharedLoop loop = new SharedLoop(count, grain, threads, task);
        open(loop);
        loop.work(0);
        if (loop.isShared()) {
            close(loop);
            loop.await(SPIN_NANOS);
        }
        loop.throwFailure();
    }

    private void open(SharedLoop loop) {
        synchronized (open) {
            if (closed) throw new IllegalStateException("this pool is closed");
            if (!loop.isShared()) return;
            open.add(loop);
            signals++;
            int wanted = Math.min(loop.seats(), threads) - 1;
            while (helpers.size() < wanted) startHelper();
            for (int i = Math.min(wanted, asleep); i > 0; i--) open.notify();
        }
    }

    private void close(SharedLoop loop) {
        synchronized (open) {
            open.remove(loop);
        }
    }

    private void startHelper() {
        helpers.add(Thread.ofPlatform().daemon().name(THREAD_NAME + NAMES.incrementAndGet()).start(this::help));
    }

    private void help() {
        while (true) {
            SharedLoop loop;
            int slot, seen;
            synchronized (open) {
                loop = joinable();
                if (loop == null && closed) return;
                slot = loop == null ? -1 : loop.join();
                seen = signals;
            }
            if (loop == null) rest(seen);
            else loop.help(slot);
        }
    }

    private SharedLoop joinable() {
        for (int i = 0; i < open.size(); i++) if (open.get(i).isJoinable()) return open.get(i);
        return null;
    }

    /** Spins until there may be something to do that was not there when {@code seen} was read, then sleeps until then. */
    private void rest(int seen) {
        long until = System.nanoTime() + SPIN_NANOS;
        while (System.nanoTime() < until) {
            if (signals != seen) return;
            Thread.onSpinWait();
        }
        synchronized (open) {
            if (signals != seen) return;
            asleep++;
            try {
                open.wait();
            } catch (InterruptedException e) {
                // An interrupt of a helper means nothing to the pool: there is no work to give up.
            }
            asleep--;
        }
    }

    /** Whether the pool was closed, after which it runs no further loop. */
    public boolean isClosed() {
        synchronized (open) {
            return closed;
        }
    }

    /**
     * Ends the helper threads, and waits until they are gone: each first ends the range that it works on. A loop that runs
     * is ended by its caller, and one that begins afterwards is refused with an {@link IllegalStateException}. May be
     * called again, from any thread; from one of the helpers it does not wait.
     */
    @Override
    public void close() {
        List<Thread> leaving;
        synchronized (open) {
            closed = true;
            signals++;
            open.notifyAll();
            leaving = List.copyOf(helpers);
        }
        // Two helpers that waited for each other would wait for ever.
        if (!leaving.contains(Thread.currentThread())) leaving.forEach(ThreadEnd::await);
    }

    /** One loop of a {@link WorkerPool}: hands out ranges and seats, and knows who still works. */
    private static final class SharedLoop {
        private final int count;
        private final int grain;
        private final int ranges;
        private final int seats;
        private final WorkerPool.RangeTask task;
        private final AtomicInteger next = new AtomicInteger();
        /** Helpers between {@link #join} and the end of {@link #help}. */
        private final AtomicInteger helping = new AtomicInteger();
        private int seatsTaken = 1; // the caller's; guarded by the pool
        private volatile Thread sleeper;
        private volatile Throwable failure;

        SharedLoop(int count, int grain, int threads, WorkerPool.RangeTask task) {
            this.count = count;
            this.grain = grain;
            this.ranges = (int) (((long) count + grain - 1) / grain);
            this.seats = Math.min(threads, ranges);
            this.task = task;
        }

        /** Number of threads that this loop has work for, the caller's included. */
        int seats() {
            return seats;
        }

        boolean isShared() {
            return seats > 1;
        }

        boolean isJoinable() {
            int range = next.get();
            return seatsTaken < seats && range < ranges && range >= 0;
        }

        /** Takes a seat; the pool sees to it that nobody does so once the caller waits. */
        int join() {
            helping.incrementAndGet();
            return seatsTaken++;
        }

        /** Does a helper's part of the loop, and tells the caller when it ends. */
        void help(int slot) {
            work(slot);
            if (helping.decrementAndGet() == 0) LockSupport.unpark(sleeper);
        }

        /** Works as long as there are ranges. */
        void work(int slot) {
            try {
                for (int r = next.getAndIncrement(); r < ranges && r >= 0; r = next.getAndIncrement()) {
                    int from = r * grain;
                    task.run(slot, from, (int) Math.min(count, (long) from + grain));
                }
            } catch (Throwable e) { // the caller gets any failure, errors included
                fail(e);
            }
        }

        private synchronized void fail(Throwable problem) {
            next.set(ranges);
            if (failure == null) failure = problem;
            else if (failure != problem) failure.addSuppressed(problem);
        }

        /** Waits for the helpers, spinning at first. */
        void await(long spinNanos) {
            long until = System.nanoTime() + spinNanos;
            while (helping.get() > 0 && System.nanoTime() < until) Thread.onSpinWait();
            boolean interrupted = false;
            sleeper = Thread.currentThread();
            while (helping.get() > 0) {
                LockSupport.park(this);
                // Ranges write into the caller's arrays: returning early would let them race with it.
                interrupted |= Thread.interrupted();
            }
            if (interrupted) Thread.currentThread().interrupt();
        }

        void throwFailure() {
            if (failure instanceof Error e) throw e;
            if (failure instanceof RuntimeException e) throw e;
        }
    }
}
