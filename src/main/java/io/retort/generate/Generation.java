package io.retort.generate;

import java.util.List;

/**
 * The completions that were generated for one request.
 *
 * @param completions as many as were asked for; of a beam the best first, and fewer if it found fewer
 */
public record Generation(GenerationRequest request, List<Completion> completions) {
    public Generation {
        completions = List.copyOf(completions);
    }

    /** Number of tokens that were generated, over all completions. */
    public int tokens() {
        return completions.stream().mapToInt(completion -> completion.tokens().length).sum();
    }
}
