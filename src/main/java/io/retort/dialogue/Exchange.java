package io.retort.dialogue;

/**
 * A context and the reply that a person gave: one positive pair.
 *
 * @param context the turns before the reply, at most the history length
 * @param reply what was said next: r in the paper
 * @param dialogueId dialogue it comes from
 * @param turn place of the reply in that dialogue, from 0
 */
public record Exchange(Context context, String reply, String dialogueId, int turn) {}
