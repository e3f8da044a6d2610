/**
 * What changes weights: the loop, optimisers that work on flat buffers, schedules, checkpoints, and what is trained.
 *
 * <p>Entry types: {@link io.retort.train.TrainingRun} (the loop), {@link io.retort.train.TrainingTask} (what is trained,
 * and on what; {@link io.retort.train.RetrievalTask}, {@link io.retort.train.GeneratorTask}), {@link io.retort.train.TrainingSettings} (how), {@link
 * io.retort.train.Optimizer}, {@link io.retort.train.Schedule}, {@link io.retort.train.RunFolder} (where).
 *
 * <p>May import every room before it, up to {@code eval}. Training belongs to one thread; optimisers share their work
 * over a pool.
 */
package io.retort.train;
