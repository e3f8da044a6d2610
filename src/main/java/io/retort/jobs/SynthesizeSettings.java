package io.retort.jobs;

import static io.retort.settings.InvalidSetting.unless;

import io.retort.distill.DialogueSynthesis;
import io.retort.distill.TurnRange;
import io.retort.generate.Decoding;
import io.retort.lm.WeightStorage;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of {@link SynthesizeJob}; the components say what each is. Those of the language model ({@code teacher}, {@code weights},
 * {@code history}, {@code batch}) count only where the job is not given a teacher.
 */
public record SynthesizeSettings(
        @Setting(value = "The language model: a GGUF file, or a folder of the Hugging Face Hub (config.json, "
                + "safetensors, tokenizer.json), or the address of a server that speaks OpenAI's protocol (http://HOST/v1).",
                label = "FILE|DIR|URL") Optional<TeacherPlace> teacher,
        ServerSettings server,
        @Setting(value = "How the language model keeps its weights in memory: file as they are stored, which takes the "
                + "least memory; f32 as 32-bit numbers, 4 bytes a parameter. Scores differ in their last digits, and a "
                + "reply in a word at times.", label = "FORM",
                defaultText = "file; an output that was begun with f32 is gone on with so") Optional<WeightStorage> weights,
        @Setting(value = "Dialogues to make; those that end too short are left out.",
                label = "N") Optional<Long> dialogues,
        @Setting(value = "Turns of a dialogue, at least and at most.", label = "N..M") TurnRange turns,
        @Setting(value = "What is talked about, one a line, as it stands after \"about\".", label = "FILE",
                defaultText = "a list of Retort's") Optional<Path> topics,
        @Setting(value = "Who talks, one a line, as it stands after a name: \"works nights as a nurse\".",
                label = "FILE", defaultText = "a list of Retort's") Optional<Path> personas,
        @Setting(value = "First turns, one a line; {topic} stands for the topic.", label = "FILE",
                defaultText = "a list of Retort's") Optional<Path> openers,
        @Setting(value = "Newest turns that the teacher reads.", label = "N") int history,
        @Setting(value = "How often a turn is sampled at most, if it is dropped.", label = "N") int attempts,
        DecodingSettings decoding,
        @Setting(value = "Turns that are generated at a time; decides speed and memory, but no text.", label = "N",
                decides = false) int batch) {
    /** @throws InvalidSetting if a value is out of its range, or the way of decoding does not sample */
    public SynthesizeSettings {
        TeacherSettings.requirePlace(teacher, server, "weights", weights);
        TeacherSettings.requireHistory(history);
        TeacherSettings.requireBatch(batch, decoding);
        unless(dialogues.isEmpty() || dialogues.get() >= 1, "dialogues", dialogues, "use 1 or more");
        unless(attempts >= 1 && attempts <= DialogueSynthesis.Settings.MOST_ATTEMPTS, "attempts", attempts,
                "use 1 to " + DialogueSynthesis.Settings.MOST_ATTEMPTS);
        if (!(decoding.ofReplies() instanceof Decoding.Sampling)) {
            throw new InvalidSetting(decoding.greedy() ? "greedy" : "beam", decoding.greedy() ? true : decoding.beam(),
                    "which says the same again when a turn is dropped", "sample");
        }
    }

    /** The usual settings: dialogues of four to eight sampled turns, on topics out of Retort's own lists. */
    public static SynthesizeSettings defaults() {
        return new SynthesizeSettings(Optional.empty(), ServerSettings.defaults(), Optional.empty(), Optional.empty(),
                new TurnRange(4, 8),
                Optional.empty(),
                Optional.empty(), Optional.empty(), 8, 6, DecodingSettings.defaults(), TeacherSettings.USUAL_BATCH);
    }

    /** A copy of these settings that asks another language model. */
    public SynthesizeSettings withTeacher(Path teacher) {
        return new SynthesizeSettings(Optional.of(TeacherPlace.of(teacher)), server, weights, dialogues, turns, topics,
                personas, openers,
                history,
                attempts, decoding, batch);
    }

    /** A copy of these settings that asks a teacher at another place, which may be a server. */
    public SynthesizeSettings withTeacher(TeacherPlace teacher, ServerSettings server) {
        return new SynthesizeSettings(Optional.of(teacher), server, weights, dialogues, turns, topics, personas,
                openers,
                history, attempts, decoding, batch);
    }

    /** A copy of these settings with another number of dialogues. */
    public SynthesizeSettings withDialogues(long dialogues) {
        return new SynthesizeSettings(teacher, server, weights, Optional.of(dialogues), turns, topics, personas,
                openers,
                history,
                attempts, decoding, batch);
    }

    /** A copy of these settings with another range of turns. */
    public SynthesizeSettings withTurns(TurnRange turns) {
        return new SynthesizeSettings(teacher, server, weights, dialogues, turns, topics, personas, openers, history,
                attempts,
                decoding, batch);
    }

    /** A copy of these settings with another way of decoding. */
    public SynthesizeSettings withDecoding(DecodingSettings decoding) {
        return new SynthesizeSettings(teacher, server, weights, dialogues, turns, topics, personas, openers, history,
                attempts,
                decoding, batch);
    }

    /** A copy of these settings whose language model keeps its weights otherwise. */
    public SynthesizeSettings withWeights(WeightStorage weights) {
        return new SynthesizeSettings(teacher, server, Optional.of(weights), dialogues, turns, topics, personas,
                openers,
                history, attempts, decoding, batch);
    }
}
