/**
 * The wall around ND4J: graphs of tensor operations written in SameDiff, and the engines that execute them.
 *
 * <p>Two engines run them: ND4J's own session, and a compiler of SameDiff graphs onto the kernels of {@code simd}
 * (docs/architecture.md tells its stages).
 *
 * <p>Entry types: {@link io.retort.graph.Graph} (write a model), {@link io.retort.graph.Layers} (its building blocks)
 * and {@link io.retort.graph.Engine} (run it). No {@code org.nd4j} type leaves this room, and only operations whose
 * values and gradients are known to be right are offered (docs/nd4j-notes.md).
 *
 * <p>May import {@code files}, {@code runtime}, {@code tensor} and {@code simd}. A graph is written by one thread; programs may be run
 * from any.
 */
package io.retort.graph;
