package io.retort.jobs;

import io.retort.curate.CurationSettings;
import io.retort.distill.TeacherScore;
import io.retort.fetch.BundledFiles;
import io.retort.ingest.ReadingSettings;
import io.retort.learn.TrainingMethod;
import io.retort.learn.WeightedFile;
import io.retort.search.KeyedBy;
import io.retort.lm.WeightStorage;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import io.retort.settings.SettingGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Settings of {@link DistillJob}: its own, and under the name of each stage those of the stage's own job, as far as they
 * do not follow from the others.
 *
 * @param data              dialogues
 * @param reading           how they are read
 * @param curation          what of them is kept
 * @param teacher           the language model that is distilled; empty to learn from the dialogues alone
 * @param server            how it is asked if it is behind HTTP
 * @param weights           how the teacher keeps its weights; empty for as its file stores them
 * @param model             what the student starts from
 * @param limit             first dialogues that are used
 * @param heldOut           dialogues that are measured on and learned by nobody; empty for as many as is usual
 * @param repliesPerContext that the teacher writes
 * @param epochs            how often the student sees each context
 * @param samples           answers that the report shows
 * @param seed              of every draw
 * @param generate          how the teacher answers
 * @param score             how it judges
 * @param train             how the student learns
 * @param index             how replies become an index
 */
public record DistillSettings(
        @Setting(value = "Dialogues in any form that is known: your logs.", label = "FILE") List<Path> data,
        ReadingSettings reading, CurationSettings curation,
        @Setting(value = "The language model that is distilled: a GGUF file, or a folder of the Hugging Face Hub "
                + "(config.json, safetensors, tokenizer.json), or the address of a server that speaks OpenAI's "
                + "protocol (http://HOST/v1). Without one the student learns from the dialogues alone.",
                label = "FILE|DIR|URL") Optional<TeacherPlace> teacher,
        ServerSettings server,
        @Setting(value = "How the language model keeps its weights in memory: file as they are stored, which takes the "
                + "least memory; f32 as 32-bit numbers, 4 bytes a parameter. Scores differ in their last digits, and a "
                + "reply in a word at times.", label = "FORM",
                defaultText = "file; a folder that was begun with f32 is gone on with so") Optional<WeightStorage> weights,
        @Setting(value = "What the student starts from: a model folder, retort-student (it comes with Retort), or the "
                + "name of one that was pulled.", label = "NAME|DIR") String model,
        @Setting(value = "Only the first N dialogues.", label = "N") Optional<Long> limit,
        @Setting(value = "Dialogues that nobody learns from, by which the student is measured; 0 for none.",
                label = "N", defaultText = "a tenth, 4 to 200; none of fewer than 20") Optional<Integer> heldOut,
        @Setting(value = "Replies that the teacher writes to each context.", label = "N") int repliesPerContext,
        @Setting(value = "How often the student sees each context; the steps follow from it.",
                label = "X") double epochs,
        @Setting(value = "Answers that the report shows.", label = "N", decides = false) int samples,
        @Setting(value = "Of every draw.", label = "S") long seed,
        @SettingGroup(prefix = "generate-", without = {
            "teacher", "teacher-model", "teacher-key-variable", "teacher-requests",
            "teacher-timeout", "teacher-retries", "price", "weights", "data", "limit", "replies", "seed",
            "with-original", "format",
            "columns", "speaker", "skip-bad", "encoding"},
                instead = SHARED) GenerateSettings generate,
        @SettingGroup(prefix = "score-",
                without = {"teacher", "teacher-model", "teacher-key-variable", "teacher-requests",
                    "teacher-timeout", "teacher-retries", "price", "weights", "data", "limit"},
                instead = SHARED) ScoreSettings score,
        @SettingGroup(prefix = "train-", without = {"model", "data", "validate-on", "negatives-from",
            "negatives-each", "seed", "format", "columns", "speaker", "skip-bad", "encoding"},
                instead = SHARED) TrainSettings train,
        @SettingGroup(prefix = "index-", without = {"data", "force", "format", "columns", "speaker", "skip-bad",
            "encoding"}, instead = SHARED) IndexSettings index){
    private static final String SHARED = "it follows from \"data\", \"teacher\", \"model\", \"limit\", "
            + "\"replies-per-context\" and \"seed\"";
    private static final double MOST_EPOCHS = 1000;
    /** Batches that an epoch has at least, where there are few examples. */
    private static final int LEAST_BATCHES = 4;
    /** The share of the steps that the learning rate rises in, at most. */
    private static final int WARMUP_SHARE = 10;
    private static final int VALIDATIONS = 5;

    public DistillSettings {
        data = List.copyOf(data);
        TeacherSettings.requirePlace(teacher, server, "weights", weights);
        InvalidSetting.unless(!model.isEmpty(), "model", model, "name one");
        TeacherSettings.requireLimit(limit);
        InvalidSetting.unless(heldOut.isEmpty() || heldOut.get() >= 0, "heldOut", heldOut, "use 0 or more");
        InvalidSetting.unless(repliesPerContext >= 1, "repliesPerContext", repliesPerContext, "use 1 or more");
        InvalidSetting.unless(epochs > 0 && epochs <= MOST_EPOCHS, "epochs", epochs, "use more than 0, at most 1000");
        InvalidSetting.unless(samples >= 0, "samples", samples, "use 0 or more");
        generate.withReplies(repliesPerContext); // which refuses a number that its decoding does not give
    }

    /**
     * The usual settings: a student learns by both levels of distillation from five replies of the teacher to each
     * context, with the shares and lengths that did best in the experiment (docs/results.md); the dialogues are still to
     * be named.
     */
    public static DistillSettings defaults() {
        TrainSettings usual = TrainSettings.defaults();
        TrainSettings train = usual
                .withData(usual.data().withMinWords(2))
                .withStudent(usual.student().withMethod(TrainingMethod.G2R_DM, TeacherScore.MI)
                        .withDistillation(0.5, 0.5).withTokens(64, 32).withDropout(0))
                .withBatches(usual.batches().withSize(16, 4).withNegatives(32, true, 0))
                .withLoop(usual.loop().withSteps(2000));
        IndexSettings index = IndexSettings.defaults().withKey(KeyedBy.BOTH);
        return new DistillSettings(List.of(), ReadingSettings.defaults(), CurationSettings.defaults(),
                Optional.empty(), ServerSettings.defaults(), Optional.empty(), BundledFiles.STUDENT, Optional.empty(),
                Optional.empty(), 5, 3, 10, 1, GenerateSettings.defaults(), ScoreSettings.defaults(), train, index);
    }

    /** A copy of these settings for other dialogues. */
    public DistillSettings withData(List<Path> data) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit, heldOut,
                repliesPerContext,
                epochs,
                samples, seed,
                generate, score, train, index);
    }

    /** A copy of these settings that reads the dialogues otherwise. */
    public DistillSettings withReading(ReadingSettings reading) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit, heldOut,
                repliesPerContext,
                epochs,
                samples, seed, generate, score, train, index);
    }

    /** A copy of these settings that keeps something else of the dialogues. */
    public DistillSettings withCuration(CurationSettings curation) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit, heldOut,
                repliesPerContext,
                epochs,
                samples, seed, generate, score, train, index);
    }

    /** A copy of these settings that distils another language model. */
    public DistillSettings withTeacher(Path teacher) {
        return new DistillSettings(data, reading, curation, Optional.of(TeacherPlace.of(teacher)), server, weights,
                model, limit, heldOut,
                repliesPerContext, epochs,
                samples, seed, generate, score, train, index);
    }

    /** A copy of these settings that asks a teacher at another place, which may be a server. */
    public DistillSettings withTeacher(TeacherPlace teacher, ServerSettings server) {
        return new DistillSettings(data, reading, curation, Optional.of(teacher), server, weights, model, limit,
                heldOut,
                repliesPerContext, epochs, samples, seed, generate, score, train, index);
    }

    /** A copy of these settings whose teacher keeps its weights otherwise. */
    public DistillSettings withWeights(WeightStorage weights) {
        return new DistillSettings(data, reading, curation, teacher, server, Optional.of(weights), model, limit,
                heldOut,
                repliesPerContext, epochs, samples, seed, generate, score, train, index);
    }

    /** A copy of these settings whose student starts from another model. */
    public DistillSettings withModel(String model) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit, heldOut,
                repliesPerContext,
                epochs,
                samples, seed,
                generate, score, train, index);
    }

    /** A copy of these settings that takes only the first dialogues. */
    public DistillSettings withLimit(long limit) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, Optional.of(limit),
                heldOut,
                repliesPerContext, epochs,
                samples, seed, generate, score, train, index);
    }

    /** A copy of these settings that holds out another number of dialogues; 0 for none. */
    public DistillSettings withHeldOut(int dialogues) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit,
                Optional.of(dialogues),
                repliesPerContext, epochs,
                samples, seed, generate, score, train, index);
    }

    /** A copy of these settings with another number of the teacher's replies to each context. */
    public DistillSettings withRepliesPerContext(int replies) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit, heldOut, replies,
                epochs,
                samples,
                seed, generate,
                score, train, index);
    }

    /** A copy of these settings whose student sees each context another number of times. */
    public DistillSettings withEpochs(double epochs) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit, heldOut,
                repliesPerContext,
                epochs,
                samples, seed,
                generate, score, train, index);
    }

    /** A copy of these settings with another seed of every draw. */
    public DistillSettings withSeed(long seed) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit, heldOut,
                repliesPerContext,
                epochs,
                samples, seed,
                generate, score, train, index);
    }

    /** A copy of these settings whose teacher answers otherwise. */
    public DistillSettings withGenerate(GenerateSettings generate) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit, heldOut,
                repliesPerContext,
                epochs,
                samples, seed,
                generate, score, train, index);
    }

    /** A copy of these settings whose teacher judges otherwise. */
    public DistillSettings withScore(ScoreSettings score) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit, heldOut,
                repliesPerContext,
                epochs,
                samples, seed,
                generate, score, train, index);
    }

    /** A copy of these settings whose student learns otherwise. */
    public DistillSettings withTrain(TrainSettings train) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit, heldOut,
                repliesPerContext,
                epochs,
                samples, seed,
                generate, score, train, index);
    }

    /** A copy of these settings with another kind of index. */
    public DistillSettings withIndex(IndexSettings index) {
        return new DistillSettings(data, reading, curation, teacher, server, weights, model, limit, heldOut,
                repliesPerContext,
                epochs,
                samples, seed,
                generate, score, train, index);
    }

    /** How the users' files become one of ours. */
    ConvertSettings convert() {
        return new ConvertSettings(data, reading, curation);
    }

    /** How that one is read by all stages: whose turns are replies is all that is left to say of it. */
    ReadingSettings speakers() {
        return ReadingSettings.defaults().withSpeaker(reading.speaker().toArray(String[]::new));
    }

    /** How the teacher answers the contexts of a file. */
    GenerateSettings generate(Path dialogues) {
        GenerateSettings own = generate.withData(List.of(dialogues)).withReading(speakers())
                .withReplies(repliesPerContext)
                .withDecoding(generate.decoding().withSeed(seed));
        return teacher.map(place -> own.withTeacher(place, server)).orElse(own);
    }

    /** How it judges the candidates of a file. */
    ScoreSettings score(Path distilled) {
        ScoreSettings own = score.withData(distilled);
        return teacher.map(place -> own.withTeacher(place, server)).orElse(own);
    }

    /** How the replies of a file become an index. */
    IndexSettings index(Path file) {
        return index.withData(List.of(file)).withReading(speakers());
    }

    /**
     * How a student is trained, cut down to what there is where data are few.
     *
     * @param file       that it learns from
     * @param validation ranking tests that tell the best checkpoint; empty for none
     * @param examples   in the file
     * @param method     that the file serves
     */
    TrainSettings train(Path file, List<Path> validation, long examples, TrainingMethod method) {
        TrainSettings.Batches own = train.batches();
        int batch = (int) Math.max(1, Math.min(own.batch(), examples / LEAST_BATCHES));
        long wanted = Math.max(1, Math.round(epochs * examples / batch));
        long steps = Math.min(train.loop().steps(), wanted);
        OptimizerSettings optimizer = train.optimizer();
        long warmup = Math.min(optimizer.warmup(), steps / WARMUP_SHARE);
        long every = validation.isEmpty()
                ? 0
                : Math.min(train.loop().validateEvery(), Math.max(1, steps / VALIDATIONS));
        TrainSettings.Data data = train.data().withFiles(List.of(new WeightedFile(file, 1))).withReading(speakers());
        return new TrainSettings(model, every == 0 ? data : data.withValidateOn(validation),
                train.student().withMethod(method, train.student().score()), own.withSize(batch, own.candidates()),
                seed, train.loop().withSteps(steps).withValidateEvery(every),
                optimizer.withSchedule(optimizer.schedule(), warmup));
    }
}
