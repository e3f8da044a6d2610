package io.retort.teacher;

import io.retort.dialogue.Context;
import java.util.List;
import java.util.Objects;

/**
 * A context and the replies to it that are to be judged.
 *
 * @param id         names the request in messages
 * @param context    what was said
 * @param candidates replies to it; may be empty
 */
public record JudgementRequest(String id, Context context, List<String> candidates) {
    public JudgementRequest {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(context, "context");
        candidates = List.copyOf(candidates);
    }
}
