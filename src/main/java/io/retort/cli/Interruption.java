package io.retort.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Lets Ctrl-C, or a signal to terminate, end the work in good order: the work is told to stop, and the process ends
 * after it.
 */
final class Interruption implements AutoCloseable {
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook;

    /**
     * @param stop tells the work; called from another thread
     */
    Interruption(Runnable stop) {
        this.hook = Thread.ofPlatform().unstarted(() -> {
            stop.run();
            awaitWork();
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void awaitWork() {
        try {
            done.await();
        } catch (InterruptedException e) {
            // The process ends now, whatever the work has come to.
            Thread.currentThread().interrupt();
        }
    }

    /** Called when the work has ended, so that the process may end as well. */
    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already: the hook has done its work.
            return;
        }
    }
}
