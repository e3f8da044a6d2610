package io.retort.distill;

import io.retort.files.BadInput;

/**
 * Where a batch's negatives come from; any of them together.
 *
 * @param random N, replies drawn from the response set for each step, shared by the batch; 512 in the paper
 * @param inBatch whether the other contexts' candidates are negatives
 * @param hard mined replies for each context, shared by the batch: what the student itself ranks first though it is none
 * of the context's candidates
 */
public record Negatives(int random, boolean inBatch, int hard) {
    /**
     * @throws BadInput if there are none
     */
    public Negatives {
        if (random < 0 || hard < 0) throw BadInput.of(random + " random, " + hard + " hard negatives", "use 0 or more");
        if (random == 0 && hard == 0 && !inBatch) {
            throw BadInput.of("no negatives of any kind", "ask for random, in-batch or hard ones");
        }
    }
}
