/**
 * The paper's method: from dialogues and a teacher's candidates to the batches of each step, and the losses over their
 * scores (G2R sections 3.2 and 3.3).
 *
 * <p>Entry types: {@link io.retort.distill.Recipe} (what a student learns from), {@link
 * io.retort.distill.TrainingData} (examples and response set), {@link io.retort.distill.BatchSource} (the batch of each
 * step), {@link io.retort.distill.Loss} (cross-entropies, distillation, their mix).
 *
 * <p>May import every room before it, up to {@code search}. Data and losses are immutable and belong to any thread,
 * a source of batches to one.
 */
package io.retort.distill;
