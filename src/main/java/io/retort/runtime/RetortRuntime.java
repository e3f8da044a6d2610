package io.retort.runtime;

/**
 * The threads and the engine that models, searches and jobs compute with. One runtime owns one pool of threads and one
 * engine; whatever was opened with it must be closed before it is. Any thread may use it.
 */
public interface RetortRuntime extends AutoCloseable {
    /** Threads that compute at most, the calling one included. */
    int threads();

    /** The engine's short name: {@code simd} or {@code stock}. */
    String engineName();

    /** One line for people: kernels or backend, and threads. */
    String description();

    /** Ends the threads; none of them runs or waits when this returns. Closing again does nothing. */
    @Override
    void close();
}
