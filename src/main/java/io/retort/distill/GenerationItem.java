package io.retort.distill;

import io.retort.teacher.ReplyRequest;
import io.retort.teacher.TeacherReplies;

/**
 * An item of a job for which a teacher is asked for replies, time and again, until it is complete. One thread.
 *
 * @param <R> the record that it makes
 */
interface GenerationItem<R> {
    /** What is to be asked next; a request of its own each time, whose id names the item. */
    ReplyRequest request();

    /** Takes what the request brought. */
    void take(TeacherReplies replies);

    /** Whether nothing more is to be asked. */
    boolean isComplete();

    /** What it came to, once complete. */
    MadeRecord<R> made();
}
