package io.retort.dialogue;

import io.retort.files.WhiteSpace;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A reply that stands by itself, for a response set.
 *
 * @param text     what is said; not blank
 * @param metadata what its owner wants to know of it where it is found, as plain JSON values; empty for nothing
 */
public record Response(String text, Optional<Map<String, Object>> metadata) {
    public Response {
        if (WhiteSpace.isBlank(text)) throw new IllegalArgumentException("text is blank");
        metadata = Objects.requireNonNull(metadata, "metadata").map(PlainValues::copyOf);
    }

    /** A reply without metadata. */
    public Response(String text) {
        this(text, Optional.empty());
    }
}
