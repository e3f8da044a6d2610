package io.retort.distill;

import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Turn;
import io.retort.files.JobEntry;
import io.retort.files.Tally;
import io.retort.generate.Cleaned;
import io.retort.generate.Generation;
import io.retort.generate.GenerationRequest;
import io.retort.generate.PromptEncoder;
import io.retort.generate.RawReply;
import io.retort.generate.ReplyCleaning;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;

/** A dialogue of a teacher with itself, as far as it has come. */
final class SelfChat implements Inquiry {
    private final String id;
    private final ConversationSeeds.Beginning beginning;
    private final Function<List<String>, PromptEncoder> prompts;
    private final ReplyCleaning cleaning;
    private final DialogueSynthesis.Settings settings;
    private final int wanted;
    private final List<String> turns = new ArrayList<>();
    private final Tally tally = new Tally();
    private int attempts;

    SelfChat(long number, ConversationSeeds seeds, Function<List<String>, PromptEncoder> prompts,
            ReplyCleaning cleaning, DialogueSynthesis.Settings settings) {
        this.id = "synthetic-" + settings.seed() + "-" + number;
        this.prompts = prompts;
        this.cleaning = cleaning;
        this.settings = settings;
        // Numbers in a row must not draw alike: the second generator is seeded by the first's output.
        SplittableRandom random = new SplittableRandom(new SplittableRandom(settings.seed()).nextLong() ^ number)
                .split();
        beginning = seeds.draw(random);
        wanted = random.nextInt(settings.fewestTurns(), settings.mostTurns() + 1);
        turns.add(beginning.opener());
    }

    /** The next turn's speaker is B to the prompt, so who is who changes from turn to turn. */
    private List<String> header() {
        boolean first = turns.size() % 2 == 0;
        return List.of("Two friends have a casual chat about " + beginning.topic() + ".",
                "A " + (first ? beginning.personaB() : beginning.personaA()) + ".",
                "B " + (first ? beginning.personaA() : beginning.personaB()) + ".");
    }

    @Override
    public GenerationRequest request() {
        int[] prompt = prompts.apply(header()).prompt(new Context(turns).latest(settings.history()));
        return new GenerationRequest(id + "/" + turns.size() + "/" + attempts, prompt, 1);
    }

    @Override
    public void take(Generation generation) {
        Cleaned cleaned = cleaning.clean(new Context(turns),
                generation.completions().stream().map(RawReply::of).toList(), turns);
        tally.add(DialogueSynthesis.TOKENS, generation.tokens());
        cleaned.dropped().forEach((reason, times) -> tally.add(DialogueSynthesis.DROPPED + reason.label(), times));
        attempts = cleaned.kept().isEmpty() ? attempts + 1 : 0;
        turns.addAll(cleaned.kept());
    }

    /** With all its turns, or when the next cannot be had. */
    @Override
    public boolean isComplete() {
        return turns.size() == wanted || attempts == settings.attempts();
    }

    @Override
    public JobEntry entry() {
        if (turns.size() < wanted) tally.add(DialogueSynthesis.ENDED, 1);
        if (turns.size() < settings.fewestTurns()) {
            return new JobEntry(Optional.empty(), tally.add(DialogueSynthesis.SHORT, 1));
        }
        List<Turn> spoken = new ArrayList<>();
        for (int i = 0; i < turns.size(); i++) spoken.add(new Turn(i % 2 == 0 ? "A" : "B", turns.get(i)));
        tally.add(DialogueSynthesis.DIALOGUES, 1).add(DialogueSynthesis.TURNS, turns.size());
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("topic", beginning.topic());
        meta.put("persona_a", beginning.personaA());
        meta.put("persona_b", beginning.personaB());
        meta.put("teacher", settings.teacher());
        Dialogue dialogue = new Dialogue(id, "synthetic", "", spoken, meta);
        return new JobEntry(Optional.of(DialogueFile.FORMAT.json(dialogue)), tally);
    }
}
