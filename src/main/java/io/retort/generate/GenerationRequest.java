package io.retort.generate;

import io.retort.files.BadInput;
import java.util.Objects;

/**
 * A prompt and how many completions of it are wanted.
 *
 * @param id      names the request in messages; a completion's draws depend on it
 * @param prompt  token ids, one or more; not copied, leave it alone
 * @param samples completions, 1 or more; with a beam, at most its width
 */
public record GenerationRequest(String id, int[] prompt, int samples) {
    /** @throws BadInput if there is no prompt, or no completion wanted */
    public GenerationRequest {
        Objects.requireNonNull(id);
        if (prompt.length == 0) throw BadInput.of(id + ": the prompt is empty", "give it a token to go on from");
        if (samples < 1) throw BadInput.of(id + ": " + samples + " samples", "ask for 1 or more");
    }
}
