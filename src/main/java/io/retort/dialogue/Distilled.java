package io.retort.dialogue;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A context with all replies that are right for it: C_i of the paper.
 *
 * @param id unique in its file
 * @param context what was said before
 * @param candidates the original reply and the teacher's; at least one
 * @param teacher what made the candidates (model, decoding, code version), as plain JSON values
 */
public record Distilled(String id, Context context, List<Candidate> candidates, Map<String, Object> teacher) {
    public Distilled {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(context, "context");
        candidates = List.copyOf(candidates);
        if (candidates.isEmpty()) throw new IllegalArgumentException("distilled context " + id + " without candidates");
        teacher = PlainValues.copyOf(teacher);
    }
}
