package io.retort.jobs;

import static io.retort.settings.InvalidSetting.unless;

import io.retort.distill.TeacherScore;
import io.retort.fetch.ModelCatalog;
import io.retort.ingest.ReadingSettings;
import io.retort.reply.ResponderSettings.SearchChoice;
import io.retort.lm.WeightStorage;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of {@link EvaluateJob}; the components say what each is. Either a retrieval model is measured, with
 * {@code model}, {@code search}, {@code index} and {@code latencyContexts}, or a teacher, with {@code teacher},
 * {@code weights}, {@code prompt} and {@code by}.
 */
public record EvaluateSettings(
        @Setting(value = "A model folder, retort-student (it comes with Retort), or the name of one that was "
                + "pulled.", label = "NAME|DIR",
                defaultText = "the model that made the index, or " + ModelCatalog.DEFAULT) Optional<String> model,
        @Setting(value = "exact scores every reply; screened first bounds all scores with a copy of the vectors in 8 "
                + "bits, made in memory at the start, and scores what may be among the best; gpu copies the vectors to an "
                + "NVIDIA card and searches there. All find the same, bit for bit. auto takes what is faster: with "
                + "many searches of a large index it screens, of a very large one it takes the card, if there is one "
                + "that can.", label = "METHOD",
                defaultText = "auto", decides = false) Optional<SearchChoice> search,
        @Setting(value = "The test, JSONL, also gzipped: a ranking test, or dialogues.",
                label = "FILE") Optional<Path> data,
        ReadingSettings reading,
        @Setting(value = "With dialogues: candidates of a context, the right one included.",
                label = "N") int candidates,
        @Setting(value = "With dialogues: draws the candidates.", label = "S") long seed,
        @Setting(value = "With a ranking test: only the first N replies that fit.", label = "N",
                defaultText = "all") Optional<Integer> positives,
        @Setting(value = "Only the first N contexts.", label = "N") Optional<Integer> limit,
        @Setting(value = "Newest turns of a context that are read.", label = "N") int history,
        PromptSettings prompt,
        @Setting(value = "Measure this language model as a judge of the candidates, by the likelihood and the mutual "
                + "information that it gives them, instead of a retrieval model.",
                label = "FILE|DIR|URL") Optional<TeacherPlace> teacher,
        ServerSettings server,
        @Setting(value = "How the language model keeps its weights in memory: file as they are stored, which takes the "
                + "least memory; f32 as 32-bit numbers, 4 bytes a parameter. Scores differ in their last digits, and a "
                + "reply in a word at times.", label = "FORM",
                defaultText = "file") Optional<WeightStorage> weights,
        @Setting(value = "Of a teacher: whose figures stand first, ll or mi; both are measured.", label = "SCORE",
                defaultText = "mi") Optional<TeacherScore> by,
        @Setting(value = "Measure latency, Dist-n and length on replies out of this index instead of each test's own "
                + "candidates.", label = "FILE") Optional<Path> index,
        @Setting(value = "Contexts that are answered one at a time for the latency; with an index, all are.",
                label = "N", defaultText = "200") Optional<Integer> latencyContexts) {
    /** @throws InvalidSetting if a value is out of its range, or is of the other kind of model */
    public EvaluateSettings {
        InvalidSetting.unless(search.stream().allMatch(SearchChoice::isExact), "search", "ann",
                "use exact, screened, gpu or auto");
        TeacherSettings.requirePlace(teacher, server, "weights", teacher.isPresent() ? weights : Optional.empty());
        TeacherSettings.requireHistory(history);
        unless(candidates >= 2, "candidates", candidates, "use 2 or more");
        unless(positives.isEmpty() || positives.get() >= 1, "positives", positives, "use 1 or more");
        unless(limit.isEmpty() || limit.get() >= 1, "limit", limit, "use 1 or more");
        unless(latencyContexts.isEmpty() || latencyContexts.get() >= 1, "latencyContexts", latencyContexts,
                "use 1 or more");
        if (teacher.isPresent()) {
            requireNone("model", model);
            requireNone("search", search);
            requireNone("index", index);
            requireNone("latencyContexts", latencyContexts);
        }
    }

    private static void requireNone(String parameter, Optional<?> value) {
        if (value.isPresent()) {
            throw new InvalidSetting(parameter, value, "which is no setting of a teacher",
                    "leave it out, or \"teacher\"");
        }
    }

    /** The usual settings: the student that training usually begins with, on all of a test. */
    public static EvaluateSettings defaults() {
        return new EvaluateSettings(Optional.empty(), Optional.empty(), Optional.empty(),
                ReadingSettings.defaults(), 20, 1, Optional.empty(),
                Optional.empty(), TeacherSettings.USUAL_HISTORY, PromptSettings.defaults(), Optional.empty(),
                ServerSettings.defaults(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Refuses settings that only the evaluation of a teacher has a use for. */
    void requireNothingOfATeacher() {
        PromptSettings usual = PromptSettings.defaults();
        requireTeacher("by", by, by.isPresent());
        requireTeacher("weights", weights, weights.isPresent());
        requireTeacher("prompt", prompt.prompt(), prompt.prompt() != usual.prompt());
        requireTeacher("instruction", prompt.instruction(), prompt.instruction().isPresent());
        requireTeacher("persona", prompt.persona(), !prompt.persona().isEmpty());
    }

    private static void requireTeacher(String parameter, Object value, boolean given) {
        if (given) {
            throw new InvalidSetting(parameter, value, "which is a setting of a teacher",
                    "name the \"teacher\", or leave it out");
        }
    }

    /** A copy of these settings that measures another retrieval model. */
    public EvaluateSettings withModel(String model) {
        return new EvaluateSettings(Optional.of(model), search, data, reading, candidates, seed, positives, limit,
                history,
                prompt, teacher, server, weights, by, index, latencyContexts);
    }

    /** A copy of these settings that measures on another test. */
    public EvaluateSettings withData(Path data) {
        return new EvaluateSettings(model, search, Optional.of(data), reading, candidates, seed, positives, limit,
                history,
                prompt, teacher, server, weights, by, index, latencyContexts);
    }

    /**
     * A copy of these settings with another number of candidates of each context, where the test is made of dialogues.
     */
    public EvaluateSettings withCandidates(int candidates) {
        return new EvaluateSettings(model, search, data, reading, candidates, seed, positives, limit, history, prompt,
                teacher, server, weights,
                by, index, latencyContexts);
    }

    /** A copy of these settings that draws other candidates, where the test is made of dialogues. */
    public EvaluateSettings withSeed(long seed) {
        return new EvaluateSettings(model, search, data, reading, candidates, seed, positives, limit, history, prompt,
                teacher, server, weights,
                by, index, latencyContexts);
    }

    /** A copy of these settings that takes only the first {@code positives} fitting replies of each context. */
    public EvaluateSettings withPositives(int positives) {
        return new EvaluateSettings(model, search, data, reading, candidates, seed, Optional.of(positives), limit,
                history,
                prompt, teacher, server, weights, by, index, latencyContexts);
    }

    /** A copy of these settings that takes only the first contexts of the test. */
    public EvaluateSettings withLimit(int limit) {
        return new EvaluateSettings(model, search, data, reading, candidates, seed, positives, Optional.of(limit),
                history,
                prompt, teacher, server, weights, by, index, latencyContexts);
    }

    /** A copy of these settings with another number of turns that are read. */
    public EvaluateSettings withHistory(int history) {
        return new EvaluateSettings(model, search, data, reading, candidates, seed, positives, limit, history, prompt,
                teacher, server, weights,
                by, index, latencyContexts);
    }

    /** A copy of these settings that measures a language model instead of a retrieval model. */
    public EvaluateSettings withTeacher(Path teacher) {
        return new EvaluateSettings(model, search, data, reading, candidates, seed, positives, limit, history, prompt,
                Optional.of(TeacherPlace.of(teacher)), server, weights, by, index, latencyContexts);
    }

    /** A copy of these settings that asks a teacher at another place, which may be a server. */
    public EvaluateSettings withTeacher(TeacherPlace teacher, ServerSettings server) {
        return new EvaluateSettings(model, search, data, reading, candidates, seed, positives, limit, history, prompt,
                Optional.of(teacher), server, weights, by, index, latencyContexts);
    }

    /** A copy of these settings that measures latency and the texts of chosen replies on the replies of an index. */
    public EvaluateSettings withIndex(Path index) {
        return new EvaluateSettings(model, search, data, reading, candidates, seed, positives, limit, history, prompt,
                teacher, server, weights,
                by, Optional.of(index), latencyContexts);
    }

    /** A copy of these settings that reads files otherwise. */
    public EvaluateSettings withReading(ReadingSettings reading) {
        return new EvaluateSettings(model, search, data, reading, candidates, seed, positives, limit, history, prompt,
                teacher, server, weights,
                by, index, latencyContexts);
    }

    /** A copy of these settings whose teacher keeps its weights otherwise. */
    public EvaluateSettings withWeights(WeightStorage weights) {
        return new EvaluateSettings(model, search, data, reading, candidates, seed, positives, limit, history, prompt,
                teacher, server, Optional.of(weights), by, index, latencyContexts);
    }
}
