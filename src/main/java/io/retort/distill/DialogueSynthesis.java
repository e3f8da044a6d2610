package io.retort.distill;

import io.retort.dialogue.Dialogue;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.generate.ReplyCleaning;
import io.retort.teacher.Teacher;
import java.util.Iterator;
import java.util.function.Consumer;
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

    private final Teacher teacher;
    private final ConversationSeeds seeds;
    private final Settings settings;

    /**
     * How dialogues are made.
     *
     * @param turns       how many a dialogue has, the first included; how many one is to have is drawn
     * @param attempts    how often a turn is sampled at most, 1 to {@value #MOST_ATTEMPTS}
     * @param seed        of what is drawn out of the seeds
     * @param decoding    how words are chosen
     * @param constraints what turns must be and must not be
     * @param cleaning    what is dropped
     */
    public record Settings(TurnRange turns, int attempts, long seed, Decoding decoding, Constraints constraints,
            ReplyCleaning cleaning) {
        /** The most attempts at a turn. */
        public static final int MOST_ATTEMPTS = 100;

        /** @throws IllegalArgumentException if a number is out of its range */
        public Settings {
            if (attempts < 1 || attempts > MOST_ATTEMPTS) {
                throw new IllegalArgumentException("attempts is " + attempts + ", not 1 to " + MOST_ATTEMPTS);
            }
        }
    }

    public DialogueSynthesis(Teacher teacher, ConversationSeeds seeds, Settings settings) {
        this.teacher = teacher;
        this.seeds = seeds;
        this.settings = settings;
    }

    /**
     * Makes dialogues.
     *
     * @param from   number of the first
     * @param to     number after the last
     * @param tokens told of tokens that have been generated
     * @param done   told of each, in order
     * @throws io.retort.files.BadInput if the teacher does not generate
     */
    public void run(long from, long to, LongConsumer tokens, Consumer<MadeRecord<Dialogue>> done) {
        Iterator<SelfChat> chats = LongStream.range(from, to)
                .mapToObj(number -> new SelfChat(number, seeds, settings, teacher.name())).iterator();
        new GenerationQueue<>(teacher, settings.decoding, settings.constraints, chats).run(tokens, done);
    }
}
