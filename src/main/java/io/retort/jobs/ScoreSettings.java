package io.retort.jobs;

import static io.retort.settings.InvalidSetting.unless;

import io.retort.generate.LikelihoodScorer;
import io.retort.lm.WeightStorage;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of {@link ScoreJob}; the components say what each is. Those of the language model ({@code teacher}, {@code weights},
 * {@code prompt}, {@code history}, {@code batchTokens}) count only where the job is not given a teacher.
 */
public record ScoreSettings(
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
        @Setting(value = "Distilled data, as `retort generate` writes it (JSONL, also gzipped).",
                label = "FILE") Optional<Path> data,
        @Setting(value = "Only the first N contexts.", label = "N") Optional<Long> limit,
        @Setting(value = "About how many tokens are computed at a time; decides speed and memory, but no score.",
                label = "N", decides = false) int batchTokens) {
    /** @throws InvalidSetting if a value is out of its range */
    public ScoreSettings {
        TeacherSettings.requirePlace(teacher, server, "weights", weights);
        TeacherSettings.requireHistory(history);
        TeacherSettings.requireLimit(limit);
        unless(batchTokens >= 1, "batchTokens", batchTokens, "use 1 or more");
    }

    /** The usual settings: all contexts, put to the model as continuations. */
    public static ScoreSettings defaults() {
        return new ScoreSettings(Optional.empty(), ServerSettings.defaults(), Optional.empty(),
                PromptSettings.defaults(),
                TeacherSettings.USUAL_HISTORY,
                Optional.empty(), Optional.empty(), LikelihoodScorer.DEFAULT_BATCH_TOKENS);
    }

    /** A copy of these settings that asks another language model. */
    public ScoreSettings withTeacher(Path teacher) {
        return new ScoreSettings(Optional.of(TeacherPlace.of(teacher)), server, weights, prompt, history, data, limit,
                batchTokens);
    }

    /** A copy of these settings that asks a teacher at another place, which may be a server. */
    public ScoreSettings withTeacher(TeacherPlace teacher, ServerSettings server) {
        return new ScoreSettings(Optional.of(teacher), server, weights, prompt, history, data, limit, batchTokens);
    }

    /** A copy of these settings with another prompt. */
    public ScoreSettings withPrompt(PromptSettings prompt) {
        return new ScoreSettings(teacher, server, weights, prompt, history, data, limit, batchTokens);
    }

    /** A copy of these settings for another file of distilled data. */
    public ScoreSettings withData(Path data) {
        return new ScoreSettings(teacher, server, weights, prompt, history, Optional.of(data), limit, batchTokens);
    }

    /** A copy of these settings that takes only the first contexts. */
    public ScoreSettings withLimit(long limit) {
        return new ScoreSettings(teacher, server, weights, prompt, history, data, Optional.of(limit), batchTokens);
    }

    /** A copy of these settings whose language model keeps its weights otherwise. */
    public ScoreSettings withWeights(WeightStorage weights) {
        return new ScoreSettings(teacher, server, Optional.of(weights), prompt, history, data, limit, batchTokens);
    }
}
