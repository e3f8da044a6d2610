package io.retort.distill;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.files.BadInput;
import io.retort.files.JobEntry;
import io.retort.files.Tally;
import io.retort.generate.Likelihood;
import io.retort.generate.LikelihoodScorer;
import io.retort.generate.PromptEncoder;
import io.retort.generate.Scored;
import io.retort.generate.ScoringRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Model-level G2R, its first half (section 3.2 of the paper): the teacher's LL and MI of every candidate, original and
 * generated. Candidates longer than the teacher can read are left out. One thread.
 */
public final class TeacherScoring {
    /** Names of what is counted. */
    public static final String CONTEXTS = "contexts", CANDIDATES = "candidates", TOKENS = "tokens",
            TOO_LONG = "dropped_too_long", WITHOUT = "contexts_left_out";
    private static final double DIGITS = 1e6;

    private final LikelihoodScorer scorer;
    private final PromptEncoder prompts;
    private final Settings settings;
    private final Queue<Judged> asked = new ArrayDeque<>();

    /**
     * @param history         newest turns that the teacher reads
     * @param candidateTokens most tokens of a candidate
     * @param scoring         what made the scores, added to each record's {@code teacher}
     */
    public record Settings(int history, int candidateTokens, Map<String, Object> scoring) {
        /** @throws BadInput if the history is below 1 */
        public Settings {
            if (history < 1) throw BadInput.of("a history of " + history + " turns", "keep at least 1");
        }
    }

    private record Judged(Distilled distilled, List<Candidate> candidates, Tally tally) {}

    public TeacherScoring(LikelihoodScorer scorer, PromptEncoder prompts, Settings settings) {
        this.scorer = scorer;
        this.prompts = prompts;
        this.settings = settings;
    }

    /**
     * Judges the candidates of all contexts; scores that they have are replaced.
     *
     * @param contexts taken as batches have room
     * @param done     told of each context, in order; its record is {@link Distilled}
     * @throws BadInput if a score is no finite number, naming the context
     */
    public void run(Iterator<Distilled> contexts, Consumer<JobEntry> done) {
        scorer.score(new Iterator<>() {
            @Override
            public boolean hasNext() {
                return contexts.hasNext();
            }

            @Override
            public ScoringRequest next() {
                return request(contexts.next());
            }
        }, scored -> done.accept(entry(scored)));
    }

    private ScoringRequest request(Distilled distilled) {
        List<Candidate> candidates = new ArrayList<>();
        List<int[]> tokens = new ArrayList<>();
        Tally tally = new Tally();
        for (Candidate candidate : distilled.candidates()) {
            int[] ids = prompts.reply(candidate.text());
            if (ids.length > settings.candidateTokens) {
                tally.add(TOO_LONG, 1);
                continue;
            }
            candidates.add(candidate);
            tokens.add(ids);
            tally.add(TOKENS, ids.length);
        }
        asked.add(new Judged(distilled, candidates, tally.add(CONTEXTS, 1).add(CANDIDATES, candidates.size())));
        return new ScoringRequest(distilled.id(), prompts.prompt(distilled.context().latest(settings.history)),
                prompts.unconditional(), tokens);
    }

    private JobEntry entry(Scored scored) {
        Judged judged = asked.remove();
        if (judged.candidates.isEmpty()) return new JobEntry(Optional.empty(), judged.tally.add(WITHOUT, 1));
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < judged.candidates.size(); i++) {
            Candidate candidate = judged.candidates.get(i);
            Likelihood likelihood = scored.likelihoods().get(i);
            candidates.add(candidate.scored(
                    score(likelihood.logLikelihood(), judged.distilled.id()),
                    score(likelihood.mutualInformation(), judged.distilled.id())));
        }
        Distilled from = judged.distilled;
        Map<String, Object> teacher = new LinkedHashMap<>(from.teacher());
        teacher.put("scoring", settings.scoring);
        return new JobEntry(Optional.of(DistilledFile.FORMAT.json(
                new Distilled(from.id(), from.context(), candidates, teacher))), judged.tally);
    }

    /** To a millionth of a nat: more is noise, and every digit is on disk a million times. */
    private static OptionalDouble score(double nats, String id) {
        if (!Double.isFinite(nats)) {
            throw BadInput.of(id + ": the teacher's score of a candidate is " + nats,
                    "look at the teacher with `retort inspect`: its weights are damaged or overflow");
        }
        return OptionalDouble.of(Math.rint(nats * DIGITS) / DIGITS);
    }
}
