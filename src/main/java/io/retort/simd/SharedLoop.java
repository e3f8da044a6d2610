package io.retort.simd;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** One loop of a {@link WorkerPool}: hands out ranges and seats, and knows who still works. */
final class SharedLoop {
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

    /** Threads that this loop has work for. */
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

    /** A helper's part. */
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
        } catch (Throwable e) { // whatever it is, the caller gets it
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
