package io.retort.generate;

import io.retort.files.BadInput;
import io.retort.lm.LanguageModel;
import io.retort.text.Tokenizer;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Completes prompts in bulk. Each prompt is computed once, whatever the number of its samples; sequences that are at
 * their end leave the batch and waiting ones enter, so that it stays full. No text depends on the batch: neither on its
 * size nor on what else is in it.
 *
 * <p>Safe to use from any thread; model and tokenizer stay the caller's.
 */
public final class Generator {
    private final LanguageModel model;
    private final Tokenizer tokenizer;
    private final GenerationSettings settings;

    /** @throws BadInput if the tokenizer has tokens that the model has not */
    public Generator(LanguageModel model, Tokenizer tokenizer, GenerationSettings settings) {
        tokenizer.requireFits(model.vocabularySize());
        this.model = model;
        this.tokenizer = tokenizer;
        this.settings = settings;
    }

    /**
     * Generates all completions of all requests.
     *
     * @param requests taken one by one, no earlier than there is room for them
     * @param done     told of each request as soon as it and those before it are complete: in the order of the requests,
     *                 from the calling thread; what it throws ends the work
     * @throws BadInput if a prompt leaves no room in the model's context, or asks for more samples than the decoding
     *                  has, naming the request
     */
    public void generate(Iterator<GenerationRequest> requests, Consumer<Generation> done) {
        try (TokenSelection selection = new TokenSelection(model, tokenizer, settings);
                GenerationRun run = new GenerationRun(model, selection, settings.batch(), requests, done)) {
            run.run();
        }
    }

    /** Generates the completions of one request. */
    public Generation generate(GenerationRequest request) {
        Generation[] only = new Generation[1];
        generate(List.of(request).iterator(), generation -> only[0] = generation);
        return only[0];
    }
}
