package io.retort.generate;

import java.util.Locale;

/** Why a generated reply is not used. The first that holds, in this order, is counted. */
public enum DropReason {
    /** The reply is empty: nothing stands before the next turn begins. */
    EMPTY,
    /** The reply holds broken or control characters, or hardly a letter among its signs. */
    NOT_TEXT,
    /** The reply talks of being a machine or an assistant, or of the conversation as a text. */
    META_TALK,
    /** The reply talks as an assistant does: offers help, gives advice unasked, sums up; dropped only where that is asked. */
    ASSISTANT_TALK,
    /** The reply holds a stage direction: {@code *smiles*}, {@code (laughs)}, {@code [pause]}. */
    STAGE_DIRECTION,
    /** The reply is marked up with lists, headings, emphasis, code or tags. */
    MARKUP,
    /** The reply holds a web or mail address. */
    ADDRESS,
    /** The reply was cut off by the length limit before its first sentence ended. */
    UNFINISHED,
    /** The reply has fewer words than wanted. */
    TOO_SHORT,
    /** The reply's first sentence alone has more words than wanted. */
    TOO_LONG,
    /** The reply repeats itself: a sentence twice, or a phrase three times. */
    REPETITION,
    /** The reply only says again what was said before in the context. */
    COPY,
    /** The reply sets a task, or is of one: {@code Choose the best answer}, {@code Write a story about …}. */
    TASK,
    /** The reply is a question that takes up nothing of the context and asks none of those who talk. */
    QUESTION_TO_NOBODY,
    /** The reply speaks of violence, and nothing in the context leads there. */
    VIOLENCE,
    /** The reply equals one already kept, when both are in {@link io.retort.dialogue.NormalForm}. */
    DUPLICATE;

    /** The reason's name in reports and files, such as {@code meta_talk}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
