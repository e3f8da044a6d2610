package io.retort.generate;

/**
 * The tokens and the text that were generated after a prompt, and why generation ended.
 *
 * @param tokens all that were chosen, the end token or those of a stop string included
 * @param text   their text without these
 * @param reason why it ended
 */
public record Completion(int[] tokens, String text, StopReason reason) {
}
