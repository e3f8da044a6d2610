package io.retort.distill;

/**
 * Is told what a teacher's work costs while it goes on, also when no record has come of it yet: many items are under
 * way at once, and most of them end late. It is called often, on the thread that works.
 */
@FunctionalInterface
public interface EffortListener {
    /** Called when the teacher has computed more tokens. */
    void tokens(long more);

    /**
     * Called when more of the work is done.
     *
     * @param items how many whole items so much work would have made; those that are begun count by the part that is
     *              done of them
     */
    default void worth(double items) {
    }
}
