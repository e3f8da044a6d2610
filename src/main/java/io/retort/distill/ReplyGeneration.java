package io.retort.distill;

import io.retort.files.BadInput;
import io.retort.files.JobEntry;
import io.retort.generate.Generator;
import io.retort.generate.PromptEncoder;
import io.retort.generate.ReplyCleaning;
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

    private final Generator generator;
    private final PromptEncoder prompts;
    private final ReplyCleaning cleaning;
    private final Settings settings;

    /**
     * @param replies       generated replies a context
     * @param history       newest turns that the teacher reads
     * @param rounds        how often it is asked at most
     * @param withOriginals whether what people answered is kept as candidates
     * @param teacher       what made the replies, for each record
     */
    public record Settings(int replies, int history, int rounds, boolean withOriginals, Map<String, Object> teacher) {
        /** @throws BadInput if a number is out of its range */
        public Settings {
            if (replies < 1 || replies > 1000) throw BadInput.of(replies + " replies a context", "use 1 to 1000");
            if (history < 1) throw BadInput.of("a history of " + history + " turns", "keep at least 1");
            if (rounds < 1 || rounds > 100) throw BadInput.of(rounds + " rounds", "use 1 to 100");
        }
    }

    public ReplyGeneration(Generator generator, PromptEncoder prompts, ReplyCleaning cleaning, Settings settings) {
        this.generator = generator;
        this.prompts = prompts;
        this.cleaning = cleaning;
        this.settings = settings;
    }

    /**
     * Answers all contexts.
     *
     * @param contexts taken one by one
     * @param tokens   told of tokens that have been generated
     * @param done     told of each context, in order; its record is {@link io.retort.dialogue.Distilled}
     */
    public void run(Iterator<SourceContext> contexts, LongConsumer tokens, Consumer<JobEntry> done) {
        Iterator<AnsweredContext> inquiries = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return contexts.hasNext();
            }

            @Override
            public AnsweredContext next() {
                return new AnsweredContext(contexts.next(), prompts, cleaning, settings);
            }
        };
        new Inquiries(generator, inquiries).run(tokens, done);
    }
}
