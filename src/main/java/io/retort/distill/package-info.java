/**
 * What is asked of the teacher: from dialogues to distilled data, replies of its own (data-level G2R) and its opinion of
 * replies (model-level; G2R sections 3.1 to 3.3).
 *
 * <p>Entry types: {@link io.retort.distill.SourceContexts} (contexts out of files), {@link
 * io.retort.distill.ReplyGeneration} (replies to them), {@link io.retort.distill.DialogueSynthesis} (whole dialogues by
 * self-chat), {@link io.retort.distill.TeacherScoring} (scores of candidates). What is learned from the data is for {@code learn}.
 *
 * <p>May import every room before it, up to {@code teacher}. An iterator over data belongs to one thread; what it gives
 * is immutable.
 */
package io.retort.distill;
