package io.retort.serve;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Ends reads and writes that take too long because the client is slow, or pretends to be: it interrupts the thread,
 * whereupon Java closes the socket that the thread waits for. Any thread.
 */
final class Watchdog implements AutoCloseable {
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1,
            Thread.ofPlatform().daemon().name("retort-watchdog").factory());

    Watchdog() {
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Begins to watch the calling thread; closing the guard, in the same thread, ends that. */
    Guard guard(int seconds) {
        Guard guard = new Guard(Thread.currentThread());
        guard.due = timer.schedule(guard::bark, seconds, TimeUnit.SECONDS);
        return guard;
    }

    /** Watches over one thread. */
    static final class Guard implements AutoCloseable {
        private final Thread watched;
        private ScheduledFuture<?> due;
        private boolean isOver;
        private boolean barked;

        private Guard(Thread watched) {
            this.watched = watched;
        }

        private synchronized void bark() {
            if (isOver) return;
            barked = true;
            watched.interrupt();
        }

        /** Whether the time was over before the work was. */
        synchronized boolean hasBarked() {
            return barked;
        }

        @Override
        public void close() {
            due.cancel(false);
            synchronized (this) {
                isOver = true;
                if (barked) Thread.interrupted(); // it was meant for the work that is over now
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
