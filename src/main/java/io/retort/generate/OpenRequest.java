package io.retort.generate;

import io.retort.lm.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A request under way: its computed prompt, until all its completions have begun, and those that are done. */
final class OpenRequest {
    private final TokenSelection selection;
    private final GenerationRequest request;
    private final Sequence prompt;
    private final List<List<Completion>> completions;
    private float[] logits;
    private int begun;
    private int missing;

    OpenRequest(TokenSelection selection, GenerationRequest request, Sequence prompt) {
        this.selection = selection;
        this.request = request;
        this.prompt = prompt;
        missing = selection.beginnings(request);
        completions = new ArrayList<>(Collections.nCopies(missing, List.of()));
    }

    Sequence prompt() {
        return prompt;
    }

    int[] tokens() {
        return request.prompt();
    }

    /**
     * Takes the logits after the prompt, once the model has computed it.
     *
     * @param logits of the first token
     */
    void computed(float[] logits) {
        this.logits = logits;
    }

    /** Number of completions, or beams, that have begun so far. */
    int begun() {
        return begun;
    }

    boolean hasBegun() {
        return begun == completions.size();
    }

    /** Begins the next completion, or the beam, and chooses its first token. */
    CompletionSearch begin() {
        Sequence own = begun + 1 == completions.size() ? prompt : prompt.fork();
        CompletionSearch search = selection.begin(request, begun++, own);
        search.advance(new float[][]{logits}, 0);
        if (hasBegun()) logits = null;
        return search;
    }

    void complete(int number, List<Completion> found) {
        completions.set(number, found);
        missing--;
    }

    boolean isComplete() {
        return missing == 0;
    }

    Generation generation() {
        return new Generation(request, completions.stream().flatMap(List::stream).toList());
    }
}
