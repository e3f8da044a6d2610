package io.retort.generate;

/**
 * What was generated after a prompt.
 *
 * @param tokens all that were chosen, the end token or those of a stop string included
 * @param text   their text without these
 * @param reason why it ended
 */
public record Completion(int[] tokens, String text, StopReason reason) {
}
