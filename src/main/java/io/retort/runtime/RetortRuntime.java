package io.retort.runtime;

/**
 * The threads and the engine that models, searches and jobs compute with. One runtime owns one pool of threads and one
 * engine; whatever was opened with it must be closed before it is. Any thread may use it.
 */
public interface RetortRuntime extends AutoCloseable {
    /** The largest number of threads that compute at once, the calling one included. */
    int threads();

    /** The engine's short name: {@code simd} or {@code stock}. */
    String engineName();

    /** Describes the runtime to people in one line: its kernels or backend, and its threads. */
    String description();

    /** Ends the threads; none of them runs or waits when this returns. Closing again does nothing. */
    @Override
    void close();
}
