package io.retort.distill;

import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
import io.retort.files.Tally;
import io.retort.generate.CleanedReplies;
import io.retort.teacher.ReplyRequest;
import io.retort.teacher.TeacherReplies;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A dialogue of a teacher with itself, as far as it has come. */
final class SelfChat implements GenerationItem<Dialogue> {
    private final String id;
    private final ConversationSeeds.Beginning beginning;
    private final DialogueSynthesis.Settings settings;
    private final String teacher;
    private final int wanted;
    private final List<String> turns = new ArrayList<>();
    private final Tally tally = new Tally();
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

    /** The next turn's speaker is B to the prompt, so who is who changes from turn to turn. */
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

    /** With all its turns, or when the next cannot be had. */
    @Override
    public boolean isComplete() {
        return turns.size() == wanted || attempts == settings.attempts();
    }

    @Override
    public MadeRecord<Dialogue> made() {
        if (turns.size() < wanted) tally.add(DialogueSynthesis.ENDED, 1);
        if (turns.size() < settings.turns().fewest()) {
            return MadeRecord.leftOut(tally.add(DialogueSynthesis.SHORT, 1));
        }
        List<Turn> spoken = new ArrayList<>();
        for (int i = 0; i < turns.size(); i++) spoken.add(new Turn(i % 2 == 0 ? "A" : "B", turns.get(i)));
        tally.add(DialogueSynthesis.DIALOGUES, 1).add(DialogueSynthesis.TURNS, turns.size());
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("topic", beginning.topic());
        meta.put("persona_a", beginning.personaA());
        meta.put("persona_b", beginning.personaB());
        meta.put("teacher", teacher);
        return MadeRecord.of(new Dialogue(id, "synthetic", "", spoken, meta), tally);
    }
}
