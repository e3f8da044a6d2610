/**
 * The paper's method: from dialogues and a teacher to distilled data (G2R sections 3.1 and 3.2).
 *
 * <p>Entry types: {@link io.retort.distill.SourceContexts} (contexts out of files),
 * {@link io.retort.distill.ReplyGeneration} (data-level: the teacher's own replies),
 * {@link io.retort.distill.TeacherScoring} (model-level: the teacher's opinion of replies).
 *
 * <p>May import every room before it, up to {@code generate}. Each of them belongs to one thread.
 */
package io.retort.distill;
