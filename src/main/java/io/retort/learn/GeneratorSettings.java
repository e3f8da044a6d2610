package io.retort.learn;

import io.retort.files.BadInput;
import io.retort.generate.PromptChoice;
import io.retort.ingest.ReadingSettings;
import io.retort.lm.LowRank;
import io.retort.lm.WeightStorage;
import io.retort.tensor.ElementType;
import java.util.Optional;

/**
 * How a language model is tuned on dialogues; how long and by which optimiser is said by {@link TrainingSettings}.
 *
 * @param batch        texts of a step
 * @param maxTokens    most tokens of a text
 * @param history      turns that are read again where a long dialogue is cut
 * @param tokensAtOnce most tokens of one pass; a larger batch's gradients are added up
 * @param floats       in which weights are stored in the end
 * @param seed         of order, labels and new adapters
 * @param adapters     that alone are trained; empty to train the whole model
 * @param prompt       form of the texts: that in which the model is to be asked later
 * @param reading      how files of dialogues are read
 * @param base         how the weights that adapters belong to are kept; a whole model is trained in 32 bits
 */
public record GeneratorSettings(int batch, int maxTokens, int history, int tokensAtOnce, ElementType floats,
        long seed, Optional<LowRank> adapters, PromptChoice prompt, ReadingSettings reading, WeightStorage base) {
    /**
     * @throws BadInput if numbers do not fit each other
     */
    public GeneratorSettings {
        if (tokensAtOnce < maxTokens) {
            throw BadInput.of("texts of " + maxTokens + " tokens, but " + tokensAtOnce + " tokens at once",
                    "allow a pass a whole text");
        }
    }

    /** Settings that read files of dialogues as they usually are. */
    public GeneratorSettings(int batch, int maxTokens, int history, int tokensAtOnce, ElementType floats, long seed,
            Optional<LowRank> adapters, PromptChoice prompt) {
        this(batch, maxTokens, history, tokensAtOnce, floats, seed, adapters, prompt, ReadingSettings.defaults(),
                WeightStorage.F32);
    }

    /** Settings for a model that is asked for plain continuations, with no header before the dialogue. */
    public GeneratorSettings(int batch, int maxTokens, int history, int tokensAtOnce, ElementType floats, long seed,
            Optional<LowRank> adapters) {
        this(batch, maxTokens, history, tokensAtOnce, floats, seed, adapters, PromptChoice.usual());
    }
}
