package io.retort.teacher;

import io.retort.dialogue.Context;
import java.util.List;
import java.util.Objects;

/**
 * A context, and how many replies to it are wanted.
 *
 * @param id      names the request in messages; what a teacher draws depends on it, so the same id asks for the same
 *                replies again
 * @param scene   what is known of the conversation, in sentences about A, and about B, who replies; often none
 * @param context what was said
 * @param replies wanted, 1 or more
 */
public record ReplyRequest(String id, List<String> scene, Context context, int replies) {
    /** @throws IllegalArgumentException if no reply is wanted */
    public ReplyRequest {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(context, "context");
        scene = List.copyOf(scene);
        if (replies < 1) throw new IllegalArgumentException("replies is " + replies + ", not 1 or more");
    }

    /** A request for replies to a context of whose scene nothing is known. */
    public static ReplyRequest of(String id, Context context, int replies) {
        return new ReplyRequest(id, List.of(), context, replies);
    }
}
