package io.retort.generate;

import java.util.Locale;

/** Why a generated reply is not used. The first that holds, in this order, is counted. */
public enum DropReason {
    /** Nothing is left before the next turn begins. */
    EMPTY,
    /** Broken or control characters, or fewer letters than other signs. */
    NOT_TEXT,
    /** Talk of being a machine or an assistant, or about the conversation as a text. */
    META_TALK,
    /** {@code *smiles*}, {@code (laughs)}, {@code [pause]}. */
    STAGE_DIRECTION,
    /** Lists, headings, emphasis, code, tags. */
    MARKUP,
    /** A web or mail address. */
    ADDRESS,
    /** Cut off by the length limit before its first sentence ended. */
    UNFINISHED,
    /** Fewer words than wanted. */
    TOO_SHORT,
    /** A first sentence of more words than wanted. */
    TOO_LONG,
    /** A sentence twice, a phrase three times. */
    REPETITION,
    /** What was said before, once more. */
    COPY,
    /** The same reply as one already kept, by {@link io.retort.dialogue.NormalForm}. */
    DUPLICATE;

    /** Its name in reports and files: {@code meta_talk}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
