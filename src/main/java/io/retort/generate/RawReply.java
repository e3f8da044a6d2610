package io.retort.generate;

/**
 * A reply as the generator wrote it.
 *
 * @param text up to where a stop rule or the length limit ended it
 * @param finished whether a stop rule ended it; if not, its last sentence may be cut
 */
public record RawReply(String text, boolean finished) {
    /** What a completion is before it is cleaned. */
    public static RawReply of(Completion completion) {
        return new RawReply(completion.text(),
                completion.reason() == StopReason.END || completion.reason() == StopReason.STRING);
    }
}
