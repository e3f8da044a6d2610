package io.retort.distill;

import io.retort.dialogue.Context;
import java.util.List;

/**
 * A context that the teacher is to answer, with the replies that people gave to it.
 *
 * @param id        unique in its file; the draws of its replies depend on it
 * @param originals what people answered; may be empty
 */
public record SourceContext(String id, Context context, List<String> originals) {
    public SourceContext {
        originals = List.copyOf(originals);
    }
}
