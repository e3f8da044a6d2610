package io.retort.graph;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * The parts made so far of something that owns several: closing closes them, unless it has been {@link #finish}ed. So
 * nothing is left behind where a constructor fails.
 */
public final class CloseOnFailure implements AutoCloseable {
    private final Deque<Runnable> parts = new ArrayDeque<>();

    /**
     * Adds a part.
     *
     * @param close what closes it
     */
    public <T> T with(T part, Consumer<T> close) {
        parts.push(() -> close.accept(part));
        return part;
    }

    /** Says that everything is made; from now on the parts are their owner's to close. */
    public void finish() {
        parts.clear();
    }

    @Override
    public void close() {
        parts.forEach(Runnable::run);
    }
}
