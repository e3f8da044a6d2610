/**
 * The paper's method: from dialogues and a teacher's candidates to the batches of each step, and the losses over their
 * scores (G2R sections 3.2 and 3.3).
 *
 * <p>Entry types: {@link io.retort.distill.Loss} (cross-entropies, distillation, their mix),
 * {@link io.retort.distill.BatchReplies} (what a loss compares).
 *
 * <p>May import every room before it, up to {@code search}. Data and losses are immutable and belong to any thread.
 */
package io.retort.distill;
