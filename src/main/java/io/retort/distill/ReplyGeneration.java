package io.retort.distill;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.Origin;
import io.retort.files.Counters;
import io.retort.generate.CleanedReplies;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.generate.ReplyCleaning;
import io.retort.teacher.ReplyRequest;
import io.retort.teacher.Teacher;
import io.retort.teacher.TeacherReplies;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Data-level G2R (section 3.1 of the paper): the teacher answers each context several times. What cleaning drops is
 * sampled anew, a few rounds long, so that most contexts get all the replies they should. What a context gets depends
 * on itself and the settings alone. For use by one thread.
 */
public final class ReplyGeneration {
    /**
     * Names of the counters that generation reports; dropped replies are counted by
     * {@link io.retort.generate.DropReason} after {@link #DROPPED}.
     */
    public static final String CONTEXTS = "contexts", REPLIES = "replies", SAMPLES = "samples", TOKENS = "tokens",
            DROPPED = "dropped_", SHORT = "contexts_with_fewer", CUT = "contexts_cut_to_fit",
            WITHOUT = "contexts_left_out";

    private final Teacher teacher;
    private final Settings settings;

    /**
     * How a teacher's replies to contexts are made.
     *
     * @param replies       generated replies a context, 1 to {@value #MOST_REPLIES}
     * @param rounds        how often the teacher is asked at most, 1 to {@value #MOST_ROUNDS}
     * @param withOriginals whether what people answered is kept as candidates
     * @param decoding      how words are chosen
     * @param constraints   what replies must be and must not be
     * @param cleaning      what is dropped
     * @param personas      as whom the teacher replies; each is asked for a share of the replies, and so often as rounds say
     * @param teacher       what made the replies, for each record
     */
    public record Settings(int replies, int rounds, boolean withOriginals, Decoding decoding, Constraints constraints,
            ReplyCleaning cleaning, Personas personas, Map<String, Object> teacher) {
        /** The most replies that a context may be given. */
        public static final int MOST_REPLIES = 1000;
        /** The most rounds of requests that settings may ask for. */
        public static final int MOST_ROUNDS = 100;

        /** @throws IllegalArgumentException if a number is out of its range */
        public Settings {
            requireIn("replies", replies, MOST_REPLIES);
            requireIn("rounds", rounds, MOST_ROUNDS);
        }

        /** Settings by which the teacher replies as nobody in particular. */
        public Settings(int replies, int rounds, boolean withOriginals, Decoding decoding, Constraints constraints,
                ReplyCleaning cleaning, Map<String, Object> teacher) {
            this(replies, rounds, withOriginals, decoding, constraints, cleaning, Personas.none(), teacher);
        }

        private static void requireIn(String name, int value, int most) {
            if (value < 1 || value > most) {
                throw new IllegalArgumentException(name + " is " + value + ", not 1 to " + most);
            }
        }
    }

    public ReplyGeneration(Teacher teacher, Settings settings) {
        this.teacher = teacher;
        this.settings = settings;
    }

    /**
     * Has the teacher answer all contexts and passes on a record for each.
     *
     * @param contexts taken one by one
     * @param effort   told of tokens that have been generated, and of the parts of contexts that are done
     * @param done     told of each context, in order
     * @throws io.retort.files.BadInput if the teacher does not generate
     */
    public void run(Iterator<SourceContext> contexts, EffortListener effort,
            Consumer<GeneratedRecord<Distilled>> done) {
        Iterator<AnsweredContext> items = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return contexts.hasNext();
            }

            @Override
            public AnsweredContext next() {
                return new AnsweredContext(contexts.next(), settings);
            }
        };
        new GenerationQueue<>(teacher, settings.decoding, settings.constraints, items).run(effort, done);
    }

    /** A context and the replies that it has so far. */
    private static final class AnsweredContext implements GenerationQueue.Item<Distilled> {
        private final SourceContext source;
        private final ReplyGeneration.Settings settings;
        private final List<String> replies = new ArrayList<>();
        private final Counters tally = new Counters();
        private int rounds;

        AnsweredContext(SourceContext source, ReplyGeneration.Settings settings) {
            this.source = source;
            this.settings = settings;
        }

        /** The request of the next round; each round draws samples of its own. */
        @Override
        public ReplyRequest request() {
            Personas personas = settings.personas();
            return new ReplyRequest(rounds == 0 ? source.id() : source.id() + "/" + rounds,
                    personas.scene(source.id(), rounds), source.context(),
                    Math.min(missing(), personas.share(settings.replies())));
        }

        private int missing() {
            return settings.replies() - replies.size();
        }

        @Override
        public double part() {
            return isComplete() ? 1 : (double) replies.size() / settings.replies();
        }

        /** A context is complete with enough replies, or after the last round. */
        @Override
        public boolean isComplete() {
            return missing() == 0 || rounds == settings.rounds() * settings.personas().voices();
        }

        @Override
        public void take(TeacherReplies said) {
            if (rounds == 0 && !said.wholeContext()) tally.add(ReplyGeneration.CUT, 1);
            List<String> taken = new ArrayList<>(source.originals());
            taken.addAll(replies);
            CleanedReplies cleaned = settings.cleaning().clean(source.context(), said.replies(), taken);
            cleaned.kept().stream().limit(missing()).forEach(replies::add);
            cleaned.dropped().forEach((reason, times) -> tally.add(ReplyGeneration.DROPPED + reason.label(), times));
            tally.add(ReplyGeneration.SAMPLES, said.replies().size());
            tally.add(ReplyGeneration.TOKENS, said.tokens());
            rounds++;
        }

        @Override
        public GeneratedRecord<Distilled> made() {
            List<Candidate> candidates = new ArrayList<>();
            if (settings.withOriginals())
                source.originals().forEach(text -> candidates.add(new Candidate(text, Origin.ORIGINAL)));
            replies.forEach(text -> candidates.add(new Candidate(text, Origin.GENERATED)));
            tally.add(ReplyGeneration.CONTEXTS, 1).add(ReplyGeneration.REPLIES, replies.size());
            if (missing() > 0) tally.add(ReplyGeneration.SHORT, 1);
            if (candidates.isEmpty()) return GeneratedRecord.leftOut(tally.add(ReplyGeneration.WITHOUT, 1));
            return GeneratedRecord.of(new Distilled(source.id(), source.context(), candidates, settings.teacher()),
                    tally);
        }
    }
}
