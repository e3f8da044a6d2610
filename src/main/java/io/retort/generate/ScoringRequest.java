package io.retort.generate;

import io.retort.files.BadInput;
import java.util.List;
import java.util.Objects;

/**
 * A context and the candidates whose likelihood after it is wanted, as tokens.
 *
 * @param id         names the request in messages
 * @param context    token ids, one or more: what the candidates are conditioned on
 * @param prior      token ids, one or more: what stands for no context at all (DESIGN: the label of the speaker alone);
 *                   null if no prior is wanted
 * @param candidates token ids, each one or more
 */
public record ScoringRequest(String id, int[] context, int[] prior, List<int[]> candidates) {
    /** @throws BadInput if anything is empty */
    public ScoringRequest {
        Objects.requireNonNull(id);
        candidates = List.copyOf(candidates);
        if (context.length == 0) throw BadInput.of(id + ": the context is empty", "begin it with a special token");
        if (prior != null && prior.length == 0) {
            throw BadInput.of(id + ": the prior's context is empty", "begin it with a special token");
        }
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).length == 0) {
                throw BadInput.of(id + ": candidate " + i + " has no tokens", "leave it out");
            }
        }
    }
}
