package io.retort.reply;

/** Counts the threads that use the responder now, for which closing waits. */
final class Users {
    private int inside;
    private boolean shut;

    /** Begins a use: the responder stays open until the returned object is closed. */
    synchronized Leave enter() {
        if (shut) throw new IllegalStateException("the responder is closed");
        inside++;
        return this::leave;
    }

    synchronized boolean areInside() {
        return inside > 0;
    }

    private synchronized void leave() {
        if (--inside == 0) notifyAll();
    }

    /** Lets no more users in and waits until all have left; true if this call was the first to do so. */
    synchronized boolean shut() {
        boolean first = !shut;
        shut = true;
        boolean interrupted = false;
        while (inside > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
        return first;
    }

    /** Closed at the end of one use of the responder. */
    interface Leave extends AutoCloseable {
        @Override
        void close();
    }
}
