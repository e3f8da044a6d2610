package io.retort.generate;

/**
 * A reply as its writer left it, before it is cleaned.
 *
 * @param text     up to where a stop rule or the length limit ended it
 * @param finished whether it came to an end; if not, its last sentence may be cut
 */
public record RawReply(String text, boolean finished) {
}
