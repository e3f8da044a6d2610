package io.retort.teacher;

import io.retort.generate.RawReply;
import java.util.List;
import java.util.Objects;

/**
 * What a {@link Teacher} replied to a request, not cleaned yet ({@link io.retort.generate.ReplyCleaning}).
 *
 * @param replies      as many as were wanted, or fewer if it has no more; the best first where it knows
 * @param tokens       that it wrote, 0 if it does not count
 * @param wholeContext whether nothing of the context had to be left out because it was too long
 */
public record TeacherReplies(ReplyRequest request, List<RawReply> replies, long tokens, boolean wholeContext) {
    public TeacherReplies {
        Objects.requireNonNull(request, "request");
        replies = List.copyOf(replies);
    }
}
