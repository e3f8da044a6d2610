package io.retort.generate;

import io.retort.files.BadInput;
import io.retort.lm.KeyValueCache;
import io.retort.lm.LanguageModel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Asks a language model how likely candidates are: the teacher scores of model-level G2R (section 3.2). A context is
 * computed once for all its candidates, and contexts share batches; no score depends on what else is in its batch.
 *
 * <p>Safe to use from any thread; the model stays the caller's.
 */
public final class LikelihoodScorer {
    /**
     * Tokens of a batch where nobody says otherwise: enough to keep the machine busy, few enough to fit into memory.
     */
    public static final int DEFAULT_BATCH_TOKENS = 1024;

    private final LanguageModel model;
    private final int batchTokens;

    /**
     * @param batchTokens about how many tokens, of contexts and candidates, are computed at a time, 1 or more
     */
    public LikelihoodScorer(LanguageModel model, int batchTokens) {
        if (batchTokens < 1) throw new IllegalArgumentException("batches of " + batchTokens + " tokens");
        this.model = model;
        this.batchTokens = batchTokens;
    }

    /**
     * Judges all candidates of all requests.
     *
     * @param requests taken one by one, as batches have room
     * @param done     told of each request, in their order, from the calling thread; what it throws ends the work
     * @throws BadInput if a context with a candidate is longer than the model's, naming the request
     */
    public void score(Iterator<ScoringRequest> requests, Consumer<Scored> done) {
        while (requests.hasNext()) {
            List<ScoringRequest> batch = new ArrayList<>();
            for (int tokens = 0; tokens < batchTokens && requests.hasNext();) {
                ScoringRequest request = requests.next();
                requireRoom(request);
                tokens += tokens(request);
                batch.add(request);
            }
            scoreBatch(batch).forEach(done);
        }
    }

    /** Judges the candidates of one request. */
    public Scored score(ScoringRequest request) {
        requireRoom(request);
        return scoreBatch(List.of(request)).getFirst();
    }

    private List<Scored> scoreBatch(List<ScoringRequest> requests) {
        try (KeyValueCache cache = model.cache()) {
            SharedPrefixes prefixes = new SharedPrefixes(cache, requests);
            ContinuationRows rows = new ContinuationRows();
            for (ScoringRequest request : requests) {
                for (int[] candidate : request.candidates()) {
                    rows.add(prefixes.get(request.context()), candidate);
                    if (request.prior() != null) rows.add(prefixes.get(request.prior()), candidate);
                }
            }
            Iterator<float[]> scores = rows.score(cache, batchTokens).iterator();
            return requests.stream().map(request -> scored(request, scores)).toList();
        }
    }

    private static Scored scored(ScoringRequest request, Iterator<float[]> scores) {
        List<Likelihood> likelihoods = new ArrayList<>();
        for (int i = 0; i < request.candidates().size(); i++) {
            float[] given = scores.next();
            likelihoods.add(new Likelihood(given, request.prior() == null ? null : scores.next()));
        }
        return new Scored(request, likelihoods);
    }

    private static int tokens(ScoringRequest request) {
        int candidates = request.candidates().stream().mapToInt(candidate -> candidate.length).sum();
        return request.context().length + (request.prior() == null ? candidates : 2 * candidates);
    }

    private void requireRoom(ScoringRequest request) {
        int longest = request.candidates().stream().mapToInt(candidate -> candidate.length).max().orElse(0);
        int prior = request.prior() == null ? 0 : request.prior().length;
        int before = Math.max(request.context().length, prior);
        if (longest > model.longestReply(before)) {
            throw BadInput.of(request.id() + ": context and candidate have " + ((long) before + longest)
                    + " tokens, the model takes " + model.contextLength()
                    + (model.frame().isPresent() ? " of each, with the one that its decoder starts with" : ""),
                    "shorten the context");
        }
    }
}
