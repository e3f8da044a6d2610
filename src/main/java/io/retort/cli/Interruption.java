package io.retort.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Lets Ctrl-C, or a signal to terminate, end long work in good order, and tells how to go on. Work that must not end at
 * any moment is told to stop, and the process ends after it.
 */
final class Interruption implements AutoCloseable {
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook;

    private Interruption(Runnable whenAsked) {
        this.hook = Thread.ofPlatform().unstarted(whenAsked);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Work that stops when it is told to, and says then itself how to go on.
     *
     * @param until what it still does, for people: "the step at work"
     * @param stop  tells the work; called from another thread
     */
    static Interruption waiting(StatusLine status, String until, Runnable stop) {
        Interruption[] made = new Interruption[1];
        made[0] = new Interruption(() -> {
            stop.run();
            status.say("retort: stopping, when " + until + " is done ...");
            made[0].awaitWork();
        });
        return made[0];
    }

    /** Work that has kept all it has done at any moment, so that the same command goes on. */
    static Interruption keeping(StatusLine status) {
        return atOnce(status, goingOn("stopped", Invocation.current()));
    }

    /** Work that leaves nothing behind when it is ended, and has to be done anew. */
    static Interruption losing(StatusLine status) {
        return atOnce(status, "stopped before its end, nothing was kept; to do it anew:\n  "
                + Invocation.current().text());
    }

    private static Interruption atOnce(StatusLine status, String word) {
        return new Interruption(() -> {
            status.end();
            status.say("retort: " + word);
        });
    }

    /**
     * What people are told of work that goes on where it was.
     *
     * @param stopped how it ended
     */
    static String goingOn(String stopped, Invocation again) {
        return stopped + "; what is done is kept, and this goes on:\n  " + again.text();
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
