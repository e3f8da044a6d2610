package io.retort.generate;

import io.retort.files.BadInput;
import io.retort.lm.LanguageModel;
import io.retort.lm.ReplyFrame;
import io.retort.lm.Sequence;
import io.retort.text.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalInt;

/**
 * The part of decoding that is the same for all completions of a run: settings, and the scratch memory in which the
 * scores of one row at a time are worked on. For use by one thread.
 */
final class TokenSelection implements AutoCloseable {
    private final GenerationSettings settings;
    private final StopCheck stops;
    private final ConstraintFilter filter;
    private final RowFunctions functions;
    private final GreedyChooser greedy = new GreedyChooser();
    private final Sampler sampler;
    private final float[] scores;
    private final LanguageModel model;
    private final ReplyFrame frame; // null where replies go on with their prompts

    TokenSelection(LanguageModel model, Tokenizer tokenizer, GenerationSettings settings) {
        int vocabulary = model.vocabularySize();
        this.settings = settings;
        this.model = model;
        frame = model.frame().orElse(null);
        stops = new StopCheck(settings.stop(), tokenizer, frame == null ? OptionalInt.empty() : frame.last());
        boolean least = settings.constraints().minTokens() > 0;
        filter = new ConstraintFilter(settings.constraints(), least ? stops.ends(vocabulary) : new BitSet());
        scores = new float[vocabulary];
        functions = new RowFunctions(vocabulary);
        sampler = new Sampler(functions);
    }

    StopCheck stops() {
        return stops;
    }

    int endTokens() {
        return settings.stop().tokens().size();
    }

    /** Number of rows of the model's batch that each search made by {@link #begin} takes. */
    int rows() {
        return settings.decoding().rows();
    }

    /** How often a request begins: once with a beam, else once a sample. */
    int beginnings(GenerationRequest request) {
        return switch (settings.decoding()) {
            case Decoding.Beam _ -> 1;
            case Decoding.Greedy _,Decoding.Sampling _ -> request.samples();
        };
    }

    /** @throws BadInput if the request asks for what the decoding or the model cannot give */
    void require(GenerationRequest request) {
        int most = switch (settings.decoding()) {
            case Decoding.Greedy _ -> 1;
            case Decoding.Beam beam -> beam.width();
            case Decoding.Sampling _ -> Integer.MAX_VALUE;
        };
        if (request.samples() > most) {
            throw BadInput.of(request.id() + ": " + request.samples() + " samples where decoding gives " + most,
                    "ask for " + most + ", or sample");
        }
        if (request.prompt().length > model.longestPrompt(1)) {
            throw BadInput.of(request.id() + ": the prompt has " + request.prompt().length + " tokens, the model takes "
                    + (frame == null ? model.contextLength() + " with what follows" : model.longestPrompt(1)),
                    "shorten the prompt");
        }
    }

    /**
     * Begins a completion, or a beam, which has no token yet.
     *
     * @param prompt the request's, computed; owned by the result
     */
    CompletionSearch begin(GenerationRequest request, int sample, Sequence prompt) {
        int limit = Math.min(settings.constraints().maxTokens(), model.longestReply(request.prompt().length));
        History history = frame == null
                ? History.of(request.prompt())
                : History.apart(request.prompt(), frame.start());
        return switch (settings.decoding()) {
            case Decoding.Beam beam ->
                new BeamSearch(this, beam, prompt, history, request.samples(), limit);
            case Decoding.Greedy _ -> new SingleCompletion(this, greedy, prompt, history, limit);
            case Decoding.Sampling sampling -> {
                Draws draws = Draws.of(sampling.seed(), request.id(), sample);
                yield new SingleCompletion(this, (row, place) -> sampler.choose(sampling, row, draws.at(place)), prompt,
                        history, limit);
            }
        };
    }

    /**
     * Logits as the constraints leave them, valid until the next call.
     *
     * @param limit most tokens of the reply
     */
    float[] constrained(float[] logits, History history, int limit) {
        System.arraycopy(logits, 0, scores, 0, scores.length);
        filter.apply(scores, history);
        force(history, limit);
        return scores;
    }

    /** Log-probabilities as the constraints leave them, valid until the next call; else like {@link #constrained}. */
    float[] constrainedLogs(float[] logits, History history, int limit) {
        System.arraycopy(logits, 0, scores, 0, scores.length);
        functions.logSoftmax(scores);
        filter.apply(scores, history);
        force(history, limit);
        return scores;
    }

    /** Leaves no choice where the model's frame wants a token at this place of a reply. */
    private void force(History history, int limit) {
        if (frame == null) return;
        OptionalInt only = OptionalInt.empty();
        if (history.replyLength() == 0) only = frame.first();
        if (history.replyLength() == limit - 1 && frame.last().isPresent()) only = frame.last();
        if (only.isEmpty()) return;
        Arrays.fill(scores, Float.NEGATIVE_INFINITY);
        scores[only.getAsInt()] = 0;
    }

    @Override
    public void close() {
        functions.close();
    }
}
