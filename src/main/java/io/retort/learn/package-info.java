/**
 * What changes weights: examples out of distilled data, the batch of each step, the losses over its scores, and the loop
 * with optimisers that work on flat buffers, schedules and checkpoints.
 *
 * <p>Entry types: {@link io.retort.learn.TrainingRun} (the loop), {@link io.retort.learn.TrainingTask} (what is trained;
 * {@link io.retort.learn.RetrievalTask} students, {@link io.retort.learn.GeneratorTask} teachers), {@link
 * io.retort.learn.Recipe} (what a student learns from), {@link io.retort.learn.Loss} (cross-entropies, distillation, their
 * mix), {@link io.retort.learn.BatchSource}, {@link io.retort.learn.TrainingSettings} (how), {@link
 * io.retort.learn.Optimizer}, {@link io.retort.learn.Schedule}, {@link io.retort.learn.RunFolder} (where).
 *
 * <p>May import every room before it, up to {@code eval}, since a run measures as it goes. Losses and settings are
 * immutable and belong to any thread; a run belongs to one, and optimisers share their work over a pool.
 */
package io.retort.learn;
