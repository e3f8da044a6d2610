package io.retort.graph;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Collects the parts of an object that owns several while its constructor makes them. Closing this closes the parts,
 * unless {@link #finish} was called, so that nothing leaks where a constructor fails half-way.
 */
public final class CloseOnFailure implements AutoCloseable {
    private final Deque<Runnable> parts = new ArrayDeque<>();

    /**
     * Adds a part, which is closed if the constructor fails, and returns it.
     *
     * @param close the action that closes the part
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
