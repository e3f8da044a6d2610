package io.retort.lm;

import java.util.OptionalInt;

/**
 * The tokens by which an encoder–decoder frames what it writes, since its replies do not go on with the prompt.
 *
 * @param start with which the decoder begins; it is read, not written ({@code decoder_start_token_id})
 * @param first that every reply begins with, whatever the model thinks; empty for none ({@code forced_bos_token_id})
 * @param last  that a reply ends with which has no room for another token; empty for none ({@code
 *              forced_eos_token_id})
 */
public record ReplyFrame(int start, OptionalInt first, OptionalInt last) {
}
