package io.retort.simd;

/** The end of threads, for whoever closes what they work for and must not return before. */
public final class ThreadEnd {
    private ThreadEnd() {
    }

    /** Waits until a thread has ended; an interrupt meanwhile is kept for the caller. */
    public static void await(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
