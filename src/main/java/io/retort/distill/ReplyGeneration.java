package io.retort.distill;

import io.retort.files.BadInput;
import io.retort.files.JobEntry;
import io.retort.generate.Generation;
import io.retort.generate.GenerationRequest;
import io.retort.generate.Generator;
import io.retort.generate.PromptEncoder;
import io.retort.generate.ReplyCleaning;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
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
            DROPPED = "dropped_", SHORT = "contexts_with_fewer", WITHOUT = "contexts_left_out";
    /** Contexts that may wait for an earlier one's further rounds, for the sake of memory. */
    private static final int MOST_OPEN = 1024;

    private final Generator generator;
    private final PromptEncoder prompts;
    private final ReplyCleaning cleaning;
    private final Settings settings;
    private final Map<GenerationRequest, AnsweredContext> requested = new IdentityHashMap<>();
    private final Queue<AnsweredContext> again = new ArrayDeque<>();
    private final Deque<AnsweredContext> open = new ArrayDeque<>();

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
        Iterator<GenerationRequest> requests = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !again.isEmpty() || open.size() < MOST_OPEN && contexts.hasNext();
            }

            @Override
            public GenerationRequest next() {
                return again.isEmpty() ? first(contexts.next()) : request(again.remove());
            }
        };
        while (requests.hasNext()) {
            generator.generate(requests, generation -> {
                tokens.accept(generation.tokens());
                take(generation);
                tell(done);
            });
        }
    }

    private GenerationRequest first(SourceContext source) {
        AnsweredContext context = new AnsweredContext(source, prompts.prompt(source.context().latest(
                settings.history)));
        open.add(context);
        return request(context);
    }

    private GenerationRequest request(AnsweredContext context) {
        GenerationRequest request = new GenerationRequest(context.request(), context.prompt(),
                context.missing(settings.replies));
        requested.put(request, context);
        return request;
    }

    private void take(Generation generation) {
        AnsweredContext context = requested.remove(generation.request());
        context.take(generation, cleaning, settings.replies, settings.rounds);
        if (!context.isComplete()) again.add(context);
    }

    private void tell(Consumer<JobEntry> done) {
        while (!open.isEmpty() && open.peek().isComplete()) {
            done.accept(open.remove().entry(settings.withOriginals, settings.replies, settings.teacher));
        }
    }
}
