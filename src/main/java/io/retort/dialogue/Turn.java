package io.retort.dialogue;

import io.retort.files.WhiteSpace;
import java.util.Objects;

/**
 * What one speaker said at a stretch.
 *
 * @param speaker a label that is the same for all turns of one person in a dialogue
 * @param text what was said; not blank
 */
public record Turn(String speaker, String text) {
    public Turn {
        Objects.requireNonNull(speaker, "speaker");
        if (WhiteSpace.isBlank(text)) throw new IllegalArgumentException("a turn without text");
    }
}
