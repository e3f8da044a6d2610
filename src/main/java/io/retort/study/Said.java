package io.retort.study;

import io.retort.files.WhiteSpace;

/**
 * A turn as a judge sees it, without the name of who said it.
 *
 * @param judged whether it was said by the speaker who is judged; else by the other one
 * @param text   what was said; not blank
 */
public record Said(boolean judged, String text) {
    public Said {
        if (WhiteSpace.isBlank(text)) throw new IllegalArgumentException("text is blank");
    }
}
