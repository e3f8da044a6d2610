package io.retort.distill;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Distilled;
import io.retort.files.BadInput;
import io.retort.files.Counters;
import io.retort.teacher.Judgement.Opinion;
import io.retort.teacher.JudgementRequest;
import io.retort.teacher.Teacher;
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
 * generated. Candidates longer than the teacher can read are left out. For use by one thread.
 */
public final class TeacherScoring {
    /** Names of the counters that scoring reports. */
    public static final String CONTEXTS = "contexts", CANDIDATES = "candidates", TOKENS = "tokens",
            TOO_LONG = "dropped_too_long", WITHOUT = "contexts_left_out";
    private static final double DIGITS = 1e6;

    private final Teacher teacher;
    private final Map<String, Object> scoring;

    /**
     * @param scoring what made the scores, added to each record's {@code teacher}
     * @throws BadInput if the teacher does not judge
     */
    public TeacherScoring(Teacher teacher, Map<String, Object> scoring) {
        teacher.requireJudges();
        this.teacher = teacher;
        this.scoring = scoring;
    }

    /**
     * Judges the candidates of all contexts; scores that they have are replaced.
     *
     * @param contexts taken as batches have room
     * @param done     told of each context, in order
     * @throws BadInput if a score is no finite number, naming the context
     */
    public void run(Iterator<Distilled> contexts, Consumer<GeneratedRecord<Distilled>> done) {
        Queue<Distilled> asked = new ArrayDeque<>();
        teacher.judge(new Iterator<>() {
            @Override
            public boolean hasNext() {
                return contexts.hasNext();
            }

            @Override
            public JudgementRequest next() {
                Distilled next = contexts.next();
                asked.add(next);
                return new JudgementRequest(next.id(), next.context(),
                        next.candidates().stream().map(Candidate::text).toList());
            }
        }, judgement -> {
            Distilled from = asked.remove();
            if (!judgement.request().id().equals(from.id())) {
                throw new IllegalStateException(teacher.name() + " judged " + judgement.request().id() + " before "
                        + from.id());
            }
            done.accept(made(from, judgement.opinions()));
        });
    }

    private GeneratedRecord<Distilled> made(Distilled from, List<Optional<Opinion>> opinions) {
        List<Candidate> candidates = new ArrayList<>();
        Counters tally = new Counters().add(CONTEXTS, 1);
        for (int i = 0; i < opinions.size(); i++) {
            if (opinions.get(i).isEmpty()) {
                tally.add(TOO_LONG, 1);
                continue;
            }
            Candidate candidate = from.candidates().get(i);
            Opinion opinion = opinions.get(i).get();
            tally.add(TOKENS, opinion.tokens());
            candidates.add(candidate.scored(score(opinion.logLikelihood(), from.id()),
                    score(opinion.mutualInformation(), from.id())));
        }
        tally.add(CANDIDATES, candidates.size());
        if (candidates.isEmpty()) return GeneratedRecord.leftOut(tally.add(WITHOUT, 1));
        Map<String, Object> made = new LinkedHashMap<>(from.teacher());
        made.put("scoring", scoring);
        return GeneratedRecord.of(new Distilled(from.id(), from.context(), candidates, made), tally);
    }

    /** Rounds a score to a millionth of a nat: more is noise, and every digit is on disk a million times. */
    private static OptionalDouble score(double nats, String id) {
        if (!Double.isFinite(nats)) {
            throw BadInput.of(id + ": the teacher's score of a candidate is " + nats,
                    "look at the teacher: its weights are damaged or overflow");
        }
        return OptionalDouble.of(Math.rint(nats * DIGITS) / DIGITS);
    }
}
