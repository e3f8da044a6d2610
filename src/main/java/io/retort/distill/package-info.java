/**
 * The paper's method: from dialogues and a teacher to distilled data, from there to the batches of each step, and the
 * losses over their scores (G2R sections 3.1 to 3.3).
 *
 * <p>Entry types: {@link io.retort.distill.SourceContexts} (contexts out of files),
 * {@link io.retort.distill.ReplyGeneration} (data-level: the teacher's own replies),
 * {@link io.retort.distill.DialogueSynthesis} (whole dialogues by self-chat),
 * {@link io.retort.distill.TeacherScoring} (model-level: the teacher's opinion of replies),
 * {@link io.retort.distill.Recipe} (what a student learns from), {@link io.retort.distill.TrainingData} (examples and
 * response set), {@link io.retort.distill.BatchSource} (the batch of each step), {@link io.retort.distill.DialogueBatches} (the texts
 * of each step of a generator), {@link io.retort.distill.Loss}
 * (cross-entropies, distillation, their mix).
 *
 * <p>May import every room before it, up to {@code teacher}. Data and losses are immutable and belong to any thread,
 * everything else to one.
 */
package io.retort.distill;
