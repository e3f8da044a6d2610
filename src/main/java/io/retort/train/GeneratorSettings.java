package io.retort.train;

import io.retort.files.BadInput;
import io.retort.model.LowRank;
import io.retort.tensor.ElementType;
import java.util.Optional;

/**
 * How a generator is tuned, but for the loop's own settings.
 *
 * @param batch        texts of a step
 * @param maxTokens    most tokens of a text
 * @param history      turns that are read again where a long dialogue is cut
 * @param tokensAtOnce most tokens of one pass; a larger batch's gradients are added up
 * @param floats       in which weights are stored in the end
 * @param seed         of order, labels and new adapters
 * @param adapters     that alone are trained; empty to train the whole model
 */
public record GeneratorSettings(int batch, int maxTokens, int history, int tokensAtOnce, ElementType floats,
        long seed, Optional<LowRank> adapters) {
    /**
     * @throws BadInput if numbers do not fit each other
     */
    public GeneratorSettings {
        if (tokensAtOnce < maxTokens) {
            throw BadInput.of("texts of " + maxTokens + " tokens, but " + tokensAtOnce + " tokens at once",
                    "allow a pass a whole text");
        }
    }
}
