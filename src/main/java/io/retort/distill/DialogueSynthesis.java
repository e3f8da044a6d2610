package io.retort.distill;

import io.retort.files.BadInput;
import io.retort.files.JobEntry;
import io.retort.generate.Generator;
import io.retort.generate.PromptEncoder;
import io.retort.generate.PromptFormat;
import io.retort.generate.ReplyCleaning;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * Whole dialogues by self-chat, for who has no logs to distil from: a first turn out of the seeds, then the teacher
 * answers as B and as A in turn. A turn that cleaning drops is sampled anew; a dialogue in which that does not help ends,
 * and is left out if it is too short. What a dialogue becomes depends on its number and the settings alone. One thread.
 */
public final class DialogueSynthesis {
    /** Names of what is counted; dropped turns by {@link io.retort.generate.DropReason} after {@link #DROPPED}. */
    public static final String DIALOGUES = "dialogues", TURNS = "turns", TOKENS = "tokens", DROPPED = "dropped_",
            ENDED = "dialogues_ended_early", SHORT = "dialogues_left_out_too_short";

    private final Generator generator;
    private final Function<List<String>, PromptEncoder> prompts;
    private final ReplyCleaning cleaning;
    private final ConversationSeeds seeds;
    private final Settings settings;

    /**
     * @param fewestTurns of a dialogue, the first included
     * @param mostTurns   of a dialogue; how many one is to have is drawn
     * @param history     newest turns that the teacher reads
     * @param attempts    how often a turn is sampled at most
     * @param seed        of what is drawn out of the seeds
     * @param teacher     its name, for each record
     */
    public record Settings(int fewestTurns, int mostTurns, int history, int attempts, long seed, String teacher) {
        /** @throws BadInput if a number is out of its range */
        public Settings {
            if (fewestTurns < 2 || mostTurns < fewestTurns || mostTurns > 100) {
                throw BadInput.of("dialogues of " + fewestTurns + " to " + mostTurns + " turns", "use 2 to 100");
            }
            if (history < 1) throw BadInput.of("a history of " + history + " turns", "keep at least 1");
            if (attempts < 1 || attempts > 100) throw BadInput.of(attempts + " attempts a turn", "use 1 to 100");
        }
    }

    /**
     * @param prompts makes the encoder of prompts that have such header lines; in its {@link PromptFormat} B replies
     */
    public DialogueSynthesis(Generator generator, Function<List<String>, PromptEncoder> prompts,
            ReplyCleaning cleaning, ConversationSeeds seeds, Settings settings) {
        this.generator = generator;
        this.prompts = prompts;
        this.cleaning = cleaning;
        this.seeds = seeds;
        this.settings = settings;
    }

    /**
     * Makes dialogues.
     *
     * @param from   number of the first
     * @param to     number after the last
     * @param tokens told of tokens that have been generated
     * @param done   told of each, in order; its record is {@link io.retort.dialogue.Dialogue}
     */
    public void run(long from, long to, LongConsumer tokens, Consumer<JobEntry> done) {
        Iterator<SelfChat> chats = LongStream.range(from, to)
                .mapToObj(number -> new SelfChat(number, seeds, prompts, cleaning, settings)).iterator();
        new Inquiries(generator, chats).run(tokens, done);
    }
}
