package io.retort.serve;

/**
 * Contexts that are under way at most, from the first look at them until they are answered. What comes beyond is refused
 * before anything is done for it, so that a refusal costs nothing and comes at once however much waits. Any thread.
 */
final class Admission {
    private final int most;
    private int underWay;

    Admission(int most) {
        this.most = most;
    }

    /** Contexts that were let in; closing lets others in. */
    interface Ticket extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Lets contexts in, however many they are if there are no others.
     *
     * @throws Fault if too many are under way
     */
    synchronized Ticket enter(int contexts) {
        if (underWay > 0 && underWay + contexts > most) {
            throw Fault.busy("too many contexts wait for an answer; try again in a second");
        }
        underWay += contexts;
        return () -> leave(contexts);
    }

    private synchronized void leave(int contexts) {
        underWay -= contexts;
    }
}
