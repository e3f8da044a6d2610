package io.retort.distill;

import io.retort.dialogue.Distilled;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.generate.ReplyCleaning;
import io.retort.teacher.Teacher;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Data-level G2R (section 3.1 of the paper): the teacher answers each context several times. What cleaning drops is
 * sampled anew, a few rounds long, so that most contexts get all the replies they should. What a context gets depends
 * on itself and the settings alone. One thread.
 */
public final class ReplyGeneration {
    /** Names of what is counted; dropped replies by {@link io.retort.generate.DropReason} after {@link #DROPPED}. */
    public static final String CONTEXTS = "contexts", REPLIES = "replies", SAMPLES = "samples", TOKENS = "tokens",
            DROPPED = "dropped_", SHORT = "contexts_with_fewer", CUT = "contexts_cut_to_fit",
            WITHOUT = "contexts_left_out";

    private final Teacher teacher;
    private final Settings settings;

    /**
     * How replies are made.
     *
     * @param replies       generated replies a context, 1 to {@value #MOST_REPLIES}
     * @param rounds        how often the teacher is asked at most, 1 to {@value #MOST_ROUNDS}
     * @param withOriginals whether what people answered is kept as candidates
     * @param decoding      how words are chosen
     * @param constraints   what replies must be and must not be
     * @param cleaning      what is dropped
     * @param teacher       what made the replies, for each record
     */
    public record Settings(int replies, int rounds, boolean withOriginals, Decoding decoding, Constraints constraints,
            ReplyCleaning cleaning, Map<String, Object> teacher) {
        /** The most replies that a context may be given. */
        public static final int MOST_REPLIES = 1000;
        /** The most rounds. */
        public static final int MOST_ROUNDS = 100;

        /** @throws IllegalArgumentException if a number is out of its range */
        public Settings {
            requireIn("replies", replies, MOST_REPLIES);
            requireIn("rounds", rounds, MOST_ROUNDS);
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
     * Answers all contexts.
     *
     * @param contexts taken one by one
     * @param tokens   told of tokens that have been generated
     * @param done     told of each context, in order
     * @throws io.retort.files.BadInput if the teacher does not generate
     */
    public void run(Iterator<SourceContext> contexts, LongConsumer tokens, Consumer<MadeRecord<Distilled>> done) {
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
        new GenerationQueue<>(teacher, settings.decoding, settings.constraints, items).run(tokens, done);
    }
}
