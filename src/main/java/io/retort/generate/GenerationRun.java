package io.retort.generate;

import io.retort.lm.KeyValueCache;
import io.retort.lm.LanguageModel;
import io.retort.lm.Sequence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/** One call of {@link Generator#generate}: which searches are in the batch, and which requests wait. */
final class GenerationRun implements AutoCloseable {
    private final KeyValueCache cache;
    private final TokenSelection selection;
    private final int places;
    private final Iterator<GenerationRequest> requests;
    private final Consumer<Generation> done;
    /** The requests whose completions have not been passed on yet, in their order. */
    private final Queue<OpenRequest> untold = new ArrayDeque<>();
    /** The requests of which some completion has yet to begin. */
    private final Deque<OpenRequest> waiting = new ArrayDeque<>();
    private final List<Place> batch = new ArrayList<>();

    /** A search in the batch, with the request, and the number in it, that its completions belong to. */
    private record Place(OpenRequest request, int number, CompletionSearch search) {
    }

    GenerationRun(LanguageModel model, TokenSelection selection, int batch, Iterator<GenerationRequest> requests,
            Consumer<Generation> done) {
        this.selection = selection;
        this.places = batch / selection.rows();
        this.requests = requests;
        this.done = done;
        this.cache = model.cache();
    }

    void run() {
        for (fill(); !batch.isEmpty(); fill()) step();
    }

    /** Begins completions that wait while the batch has room; one that ends with its first token makes room at once. */
    private void fill() {
        beginWaiting();
        while (batch.size() < places && requests.hasNext()) {
            computePrompts();
            beginWaiting();
        }
        while (!untold.isEmpty() && untold.peek().isComplete()) done.accept(untold.remove().generation());
    }

    private void beginWaiting() {
        while (batch.size() < places && !waiting.isEmpty()) {
            OpenRequest request = waiting.peek();
            int number = request.begun();
            CompletionSearch search = request.begin();
            if (request.hasBegun()) waiting.remove();
            Place place = new Place(request, number, search);
            if (!finish(place)) batch.add(place);
        }
    }

    /** Computes, in one batch, as many prompts as have room. */
    private void computePrompts() {
        List<OpenRequest> fresh = new ArrayList<>();
        for (int room = places - batch.size(); room > 0 && requests.hasNext();) {
            GenerationRequest request = requests.next();
            selection.require(request);
            fresh.add(new OpenRequest(selection, request, cache.begin()));
            room -= selection.beginnings(request);
        }
        float[][] logits = cache.read(fresh.stream().map(OpenRequest::prompt).toList(),
                fresh.stream().map(OpenRequest::tokens).toList());
        for (int i = 0; i < logits.length; i++) fresh.get(i).computed(logits[i]);
        waiting.addAll(fresh);
        untold.addAll(fresh);
    }

    private void step() {
        List<Sequence> sequences = new ArrayList<>();
        List<int[]> tokens = new ArrayList<>();
        for (Place place : batch) {
            sequences.addAll(place.search.sequences());
            tokens.addAll(place.search.nextTokens());
        }
        float[][] logits = cache.append(sequences, tokens);
        int row = 0;
        for (Place place : batch) {
            int rows = place.search.sequences().size();
            place.search.advance(logits, row);
            row += rows;
        }
        batch.removeIf(this::finish);
    }

    /** Hands the completions of a finished place to its request; false if the place is still at work. */
    private boolean finish(Place place) {
        if (!place.search.isFinished()) return false;
        place.request.complete(place.number, place.search.completions());
        place.search.close();
        return true;
    }

    @Override
    public void close() {
        cache.close();
    }
}
