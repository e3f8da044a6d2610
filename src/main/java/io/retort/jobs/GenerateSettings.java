package io.retort.jobs;

import static io.retort.settings.InvalidSetting.unless;

import io.retort.distill.Personas;
import io.retort.distill.ReplyGeneration;
import io.retort.generate.Decoding;
import io.retort.ingest.ReadingSettings;
import io.retort.lm.WeightStorage;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Settings of {@link GenerateJob}; the components say what each is. Those of the language model ({@code teacher}, {@code weights},
 * {@code prompt}, {@code history}, {@code batch}) count only where the job is not given a teacher.
 */
public record GenerateSettings(
        @Setting(value = "The language model: a GGUF file, or a folder of the Hugging Face Hub (config.json, "
                + "safetensors, tokenizer.json), or the address of a server that speaks OpenAI's protocol (http://HOST/v1).",
                label = "FILE|DIR|URL") Optional<TeacherPlace> teacher,
        ServerSettings server,
        @Setting(value = "How the language model keeps its weights in memory: file as they are stored, which takes the "
                + "least memory; f32 as 32-bit numbers, 4 bytes a parameter. Scores differ in their last digits, and a "
                + "reply in a word at times.", label = "FORM",
                defaultText = "file; an output that was begun with f32 is gone on with so") Optional<WeightStorage> weights,
        PromptSettings prompt,
        @Setting(value = "Newest turns of a context that are read.", label = "N") int history,
        @Setting(value = "Dialogues in any form that is known, ranking tests or distilled data.",
                label = "FILE") List<Path> data,
        ReadingSettings reading,
        @Setting(value = "Generated replies a context.", label = "N") int replies,
        @Setting(
                value = "Who reply in turn, one a line, each said as one persona is; which of them to a context depends on "
                        + "its id.",
                label = "FILE", defaultText = "nobody in particular") Optional<Path> personas,
        @Setting(value = "Of several personas: how many reply to a context, each with his share.",
                label = "N") int personasPerContext,
        @Setting(
                value = "Drop replies that talk as an assistant does: offers of help, advice in general terms, thanks for "
                        + "sharing.",
                label = "BOOL") boolean dropAssistantTalk,
        @Setting(value = "Only the first N contexts.", label = "N") Optional<Long> limit,
        @Setting(value = "How often a context is asked at most, if replies are dropped.", label = "N") int rounds,
        @Setting(value = "Keep what people answered as candidates.", label = "BOOL") boolean withOriginal,
        DecodingSettings decoding,
        @Setting(value = "Replies that are generated at a time; decides speed and memory, but no text.", label = "N",
                decides = false) int batch) {
    /** @throws InvalidSetting if a value is out of its range, or settings exclude each other */
    public GenerateSettings {
        data = List.copyOf(data);
        TeacherSettings.requirePlace(teacher, server, "weights", weights);
        TeacherSettings.requireHistory(history);
        TeacherSettings.requireBatch(batch, decoding);
        TeacherSettings.requireLimit(limit);
        unless(replies >= 1 && replies <= ReplyGeneration.Settings.MOST_REPLIES, "replies", replies,
                "use 1 to " + ReplyGeneration.Settings.MOST_REPLIES);
        unless(rounds >= 1 && rounds <= ReplyGeneration.Settings.MOST_ROUNDS, "rounds", rounds,
                "use 1 to " + ReplyGeneration.Settings.MOST_ROUNDS);
        unless(personasPerContext >= 1 && personasPerContext <= Personas.MOST_PER_CONTEXT, "personasPerContext",
                personasPerContext, "use 1 to " + Personas.MOST_PER_CONTEXT);
        int most = switch (decoding.ofReplies()) {
            case Decoding.Greedy _ -> 1;
            case Decoding.Beam beam -> beam.width();
            case Decoding.Sampling _ -> replies;
        };
        if (replies > most) {
            throw new InvalidSetting("replies", replies, "and this way of decoding gives " + most,
                    "sample, or set \"replies\" to " + most);
        }
    }

    /** The usual settings: ten sampled replies to each context. */
    public static GenerateSettings defaults() {
        return new GenerateSettings(Optional.empty(), ServerSettings.defaults(), Optional.empty(),
                PromptSettings.defaults(),
                TeacherSettings.USUAL_HISTORY,
                List.of(), ReadingSettings.defaults(), 10, Optional.empty(), 3, false, Optional.empty(), 4, true,
                DecodingSettings.defaults(),
                TeacherSettings.USUAL_BATCH);
    }

    /** A copy of these settings that asks another language model. */
    public GenerateSettings withTeacher(Path teacher) {
        return new GenerateSettings(Optional.of(TeacherPlace.of(teacher)), server, weights, prompt, history, data,
                reading, replies, personas, personasPerContext, dropAssistantTalk, limit,
                rounds,
                withOriginal,
                decoding, batch);
    }

    /** A copy of these settings that asks a teacher at another place, which may be a server. */
    public GenerateSettings withTeacher(TeacherPlace teacher, ServerSettings server) {
        return new GenerateSettings(Optional.of(teacher), server, weights, prompt, history, data, reading, replies,
                personas, personasPerContext, dropAssistantTalk,
                limit,
                rounds, withOriginal, decoding, batch);
    }

    /** A copy of these settings with another prompt. */
    public GenerateSettings withPrompt(PromptSettings prompt) {
        return new GenerateSettings(teacher, server, weights, prompt, history, data, reading, replies, personas,
                personasPerContext, dropAssistantTalk, limit, rounds,
                withOriginal,
                decoding,
                batch);
    }

    /** A copy of these settings that takes contexts out of other files. */
    public GenerateSettings withData(List<Path> data) {
        return new GenerateSettings(teacher, server, weights, prompt, history, data, reading, replies, personas,
                personasPerContext, dropAssistantTalk, limit, rounds,
                withOriginal,
                decoding,
                batch);
    }

    /** A copy of these settings with another number of replies to each context. */
    public GenerateSettings withReplies(int replies) {
        return new GenerateSettings(teacher, server, weights, prompt, history, data, reading, replies, personas,
                personasPerContext, dropAssistantTalk, limit, rounds,
                withOriginal,
                decoding,
                batch);
    }

    /** A copy of these settings that has other people reply in turn, some of them to each context. */
    public GenerateSettings withPersonas(Path personas, int perContext) {
        return new GenerateSettings(teacher, server, weights, prompt, history, data, reading, replies,
                Optional.of(personas), perContext, dropAssistantTalk, limit, rounds, withOriginal, decoding, batch);
    }

    /** A copy of these settings that drops replies which talk as an assistant does, or lets them pass. */
    public GenerateSettings withoutAssistantTalk(boolean drop) {
        return new GenerateSettings(teacher, server, weights, prompt, history, data, reading, replies, personas,
                personasPerContext, drop, limit, rounds, withOriginal, decoding, batch);
    }

    /** A copy of these settings that takes only the first contexts. */
    public GenerateSettings withLimit(long limit) {
        return new GenerateSettings(teacher, server, weights, prompt, history, data, reading, replies, personas,
                personasPerContext, dropAssistantTalk,
                Optional.of(limit),
                rounds,
                withOriginal,
                decoding, batch);
    }

    /** A copy of these settings with another number of rounds of requests. */
    public GenerateSettings withRounds(int rounds) {
        return new GenerateSettings(teacher, server, weights, prompt, history, data, reading, replies, personas,
                personasPerContext, dropAssistantTalk, limit, rounds,
                withOriginal,
                decoding,
                batch);
    }

    /** A copy of these settings with another way of decoding. */
    public GenerateSettings withDecoding(DecodingSettings decoding) {
        return new GenerateSettings(teacher, server, weights, prompt, history, data, reading, replies, personas,
                personasPerContext, dropAssistantTalk, limit, rounds,
                withOriginal,
                decoding,
                batch);
    }

    /** A copy of these settings that reads files otherwise. */
    public GenerateSettings withReading(ReadingSettings reading) {
        return new GenerateSettings(teacher, server, weights, prompt, history, data, reading, replies, personas,
                personasPerContext, dropAssistantTalk, limit, rounds,
                withOriginal,
                decoding, batch);
    }

    /** A copy of these settings whose language model keeps its weights otherwise. */
    public GenerateSettings withWeights(WeightStorage weights) {
        return new GenerateSettings(teacher, server, Optional.of(weights), prompt, history, data, reading, replies,
                personas, personasPerContext, dropAssistantTalk,
                limit,
                rounds,
                withOriginal, decoding, batch);
    }
}
