/**
 * What computes: one handle to the threads and the engine that everything opened with it shares.
 *
 * {@snippet :
 * try (Retort retort = Retort.open(RuntimeSettings.defaults().withThreads(2))) {
 *     System.out.println(retort.runtime().description());
 * }
 * }
 *
 * <p>Entry type: {@link io.retort.runtime.RetortRuntime}. The room {@code graph} implements it.
 *
 * <p>May import {@code files} and {@code settings}. A runtime may be used from any thread.
 */
package io.retort.runtime;
