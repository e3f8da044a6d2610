package io.retort.distill;

import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * Whole dialogues by self-chat, for who has no logs to distil from: a first turn out of the seeds, then the teacher
 * answers as B and as A in turn. A turn that cleaning drops is sampled anew; a dialogue in which that does not help
 * ends, and is left out if it is too short. What a dialogue becomes depends on its number and the settings alone. One
 * thread.
 */
public final class DialogueSynthesis {
    /**
     * Names of the counters that synthesis reports; dropped turns are counted by {@link io.retort.generate.DropReason}
     * after {@link #DROPPED}.
     */
    public static final String DIALOGUES = "dialogues", TURNS = "turns", TOKENS = "tokens", DROPPED = "dropped_",
            ENDED = "dialogues_ended_early", SHORT = "dialogues_left_out_too_short";

    private final Teacher teacher;
    private final ConversationSeeds seeds;
    private final Settings settings;

    /**
     * How a teacher is made to write dialogues with itself.
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
        /** The most attempts at a turn that settings may ask for. */
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
     * Makes the dialogues of a range of numbers and passes each on as it is done.
     *
     * @param from   number of the first
     * @param to     number after the last
     * @param effort told of tokens that have been generated, and of the turns of dialogues that are done
     * @param done   told of each, in order
     * @throws io.retort.files.BadInput if the teacher does not generate
     */
    public void run(long from, long to, EffortListener effort, Consumer<GeneratedRecord<Dialogue>> done) {
        Iterator<SelfChat> chats = LongStream.range(from, to)
                .mapToObj(number -> new SelfChat(number, seeds, settings, teacher.name())).iterator();
        new GenerationQueue<>(teacher, settings.decoding, settings.constraints, chats).run(effort, done);
    }

    /** A dialogue of a teacher with itself, as far as it has come. */
    private static final class SelfChat implements GenerationQueue.Item<Dialogue> {
        private final String id;
        private final ConversationSeeds.Beginning beginning;
        private final DialogueSynthesis.Settings settings;
        private final String teacher;
        private final int wanted;
        private final List<String> turns = new ArrayList<>();
        private final Counters tally = new Counters();
        private int attempts;

        SelfChat(long number, ConversationSeeds seeds, DialogueSynthesis.Settings settings, String teacher) {
            this.id = "synthetic-" + settings.seed() + "-" + number;
            this.settings = settings;
            this.teacher = teacher;
            // Numbers in a row must not draw alike: the second generator is seeded by the first's output.
            SplittableRandom random = new SplittableRandom(new SplittableRandom(settings.seed()).nextLong() ^ number)
                    .split();
            beginning = seeds.draw(random);
            wanted = random.nextInt(settings.turns().fewest(), settings.turns().most() + 1);
            turns.add(beginning.opener());
        }

        /** The sentences about both speakers for the next prompt, in which the next turn's speaker is always B. */
        private List<String> scene() {
            boolean first = turns.size() % 2 == 0;
            return List.of("Two friends have a casual chat about " + beginning.topic() + ".",
                    "A " + (first ? beginning.personaB() : beginning.personaA()) + ".",
                    "B " + (first ? beginning.personaA() : beginning.personaB()) + ".");
        }

        @Override
        public ReplyRequest request() {
            return new ReplyRequest(id + "/" + turns.size() + "/" + attempts, scene(), new Context(turns), 1);
        }

        @Override
        public void take(TeacherReplies said) {
            CleanedReplies cleaned = settings.cleaning().clean(new Context(turns), said.replies(), turns);
            tally.add(DialogueSynthesis.TOKENS, said.tokens());
            cleaned.dropped().forEach((reason, times) -> tally.add(DialogueSynthesis.DROPPED + reason.label(), times));
            attempts = cleaned.kept().isEmpty() ? attempts + 1 : 0;
            cleaned.kept().stream().limit(1).forEach(turns::add);
        }

        /** Of the turns that the teacher writes, those that are there. */
        @Override
        public double part() {
            return isComplete() ? 1 : (turns.size() - 1.0) / (wanted - 1);
        }

        /** A dialogue is complete with all its turns, or when the teacher fails to give the next one. */
        @Override
        public boolean isComplete() {
            return turns.size() == wanted || attempts == settings.attempts();
        }

        @Override
        public GeneratedRecord<Dialogue> made() {
            if (turns.size() < wanted) tally.add(DialogueSynthesis.ENDED, 1);
            if (turns.size() < settings.turns().fewest()) {
                return GeneratedRecord.leftOut(tally.add(DialogueSynthesis.SHORT, 1));
            }
            List<Turn> spoken = new ArrayList<>();
            for (int i = 0; i < turns.size(); i++) spoken.add(new Turn(i % 2 == 0 ? "A" : "B", turns.get(i)));
            tally.add(DialogueSynthesis.DIALOGUES, 1).add(DialogueSynthesis.TURNS, turns.size());
            Map<String, Object> meta = new LinkedHashMap<>();
            meta.put("topic", beginning.topic());
            meta.put("persona_a", beginning.personaA());
            meta.put("persona_b", beginning.personaB());
            meta.put("teacher", teacher);
            return GeneratedRecord.of(new Dialogue(id, "synthetic", "", spoken, meta), tally);
        }
    }
}
