package io.retort.generate;

import io.retort.lm.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A request under way: its prompt, until all has begun, and its completions so far. */
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
     * The prompt has been computed.
     *
     * @param logits of the first token
     */
    void computed(float[] logits) {
        this.logits = logits;
    }

    /** What has begun so far. */
    int begun() {
        return begun;
    }

    boolean hasBegun() {
        return begun == completions.size();
    }

    /** The next completion, or the beam, with its first token. */
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
