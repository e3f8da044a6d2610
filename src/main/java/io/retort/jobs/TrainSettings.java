package io.retort.jobs;

import io.retort.distill.TeacherScore;
import io.retort.fetch.ModelCatalog;
import io.retort.ingest.ReadingSettings;
import io.retort.learn.BatchSource;
import io.retort.learn.Negatives;
import io.retort.learn.Recipe;
import io.retort.learn.RetrievalSettings;
import io.retort.learn.TrainingMethod;
import io.retort.learn.WeightedFile;
import io.retort.reply.ResponderSettings.SearchChoice;
import io.retort.reply.SearchSetup;
import io.retort.retrieval.DotScoring;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.PolyScoring;
import io.retort.retrieval.StudentForm;
import io.retort.retrieval.TrainableStudent;
import io.retort.settings.FormerSettings;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The settings by which a retrieval student is trained, for {@link TrainJob}.
 *
 * @param model     what it starts from: the name of a model or its folder
 * @param data      what it learns and is validated on
 * @param student   what it is and how it learns
 * @param batches   what a step is made of
 * @param seed      of order, draws, dropout and new weights
 * @param loop      how long it is trained
 * @param optimizer by which rule
 */
@FormerSettings({"task", "max-tokens", "weights", "lora", "lora-alpha", "prompt", "instruction", "persona"})
public record TrainSettings(
        @Setting(value = "A model folder, retort-student (it comes with Retort), or the name of one that was "
                + "pulled.", label = "NAME|DIR") String model,
        Data data, Student student, Batches batches,
        @Setting(value = "Of order, draws, dropout and new weights.", label = "S") long seed,
        LoopSettings loop, OptimizerSettings optimizer) implements TaskSettings {

    public TrainSettings {
        InvalidSetting.unless(!model.isEmpty(), "model", model, "name one");
        if (batches.negativesEach().isPresent() && data.negativesFrom().isEmpty()) {
            throw new InvalidSetting("negativesEach", batches.negativesEach(), "but there are no listed negatives",
                    "name files of them by \"negatives-from\"");
        }
        batches.negatives(data);
        loop.requireValidations(!data.validateOn().isEmpty(), optimizer);
    }

    /** The paper's settings, but for the size of the encoder; data are still to be named. */
    public static TrainSettings defaults() {
        return new TrainSettings(ModelCatalog.DEFAULT, Data.defaults(), Student.defaults(), Batches.defaults(), 1,
                LoopSettings.defaults(), OptimizerSettings.defaults());
    }

    /** A copy of these settings that starts from another model. */
    public TrainSettings withModel(String model) {
        return new TrainSettings(model, data, student, batches, seed, loop, optimizer);
    }

    /** A copy of these settings with other data. */
    public TrainSettings withData(Data data) {
        return new TrainSettings(model, data, student, batches, seed, loop, optimizer);
    }

    /** A copy of these settings for another student. */
    public TrainSettings withStudent(Student student) {
        return new TrainSettings(model, data, student, batches, seed, loop, optimizer);
    }

    /** A copy of these settings with other batches. */
    public TrainSettings withBatches(Batches batches) {
        return new TrainSettings(model, data, student, batches, seed, loop, optimizer);
    }

    /** A copy of these settings with another seed, of order, draws, dropout and new weights. */
    public TrainSettings withSeed(long seed) {
        return new TrainSettings(model, data, student, batches, seed, loop, optimizer);
    }

    /** A copy of these settings with another length of the run. */
    public TrainSettings withLoop(LoopSettings loop) {
        return new TrainSettings(model, data, student, batches, seed, loop, optimizer);
    }

    /** A copy of these settings with another optimiser. */
    public TrainSettings withOptimizer(OptimizerSettings optimizer) {
        return new TrainSettings(model, data, student, batches, seed, loop, optimizer);
    }

    @Override
    public Task task() {
        return Task.RETRIEVAL;
    }

    /**
     * What a student learns and is validated on.
     *
     * @param data            dialogues or distilled data, each with its weight; no file twice
     * @param negativesFrom   files of listed negatives
     * @param validateOn      ranking tests
     * @param validationCases first contexts of each of them that are used, 1 or more
     * @param history         most turns of a context, 1 or more
     * @param minWords        examples whose original reply has fewer words are left out
     * @param mostOfAReply    examples with one original reply beyond which further ones are left out, 1 or more
     * @param reading         how files of dialogues are read
     */
    public record Data(
            @Setting(value = "Dialogues (a student by method baseline) or distilled data, JSONL, also gzipped. "
                    + "FILE@0.5 takes half of the file's examples in each epoch, others each time.",
                    label = "FILE[@WEIGHT]") List<WeightedFile> data,
            @Setting(value = "Hard negatives of your own, JSONL lines {\"id\": a context's, \"negatives\": [text, "
                    + "...]}. A context of dialogues has the id DIALOGUE#TURN.",
                    label = "FILE") List<Path> negativesFrom,
            @Setting(value = "Ranking tests; the mean hits@1 tells the best checkpoint.",
                    label = "FILE") List<Path> validateOn,
            @Setting(value = "The first contexts of each ranking test that are used.", label = "N") int validationCases,
            @Setting(value = "Most turns of a context.", label = "N") int history,
            @Setting(value = "Leave out examples whose original reply has fewer words.", label = "N") int minWords,
            @Setting(value = "Leave out further examples with the same original reply.",
                    label = "N") int mostOfAReply,
            ReadingSettings reading) {
        public Data {
            data = List.copyOf(data);
            negativesFrom = List.copyOf(negativesFrom);
            validateOn = List.copyOf(validateOn);
            TaskSettings.requireDifferent(data);
            InvalidSetting.unless(validationCases >= 1, "validationCases", validationCases, "use 1 or more");
            InvalidSetting.unless(history >= 1, "history", history, "use 1 or more");
            InvalidSetting.unless(minWords >= 0, "minWords", minWords, "use 0 or more");
            InvalidSetting.unless(mostOfAReply >= 1, "mostOfAReply", mostOfAReply, "use 1 or more");
        }

        /**
         * The usual data settings: four turns of context, replies of three words or more; files are still to be named.
         */
        public static Data defaults() {
            return new Data(List.of(), List.of(), List.of(), 500, 4, 3, 20, ReadingSettings.defaults());
        }

        /** A copy of these data settings that takes all examples of other files. */
        public Data of(Path... files) {
            return withFiles(List.of(files).stream().map(file -> new WeightedFile(file, 1)).toList());
        }

        /** A copy of these data settings that takes examples out of other files, by their weights. */
        public Data withFiles(List<WeightedFile> files) {
            return new Data(files, negativesFrom, validateOn, validationCases, history, minWords, mostOfAReply,
                    reading);
        }

        /** A copy of these data settings with other ranking tests to validate on. */
        public Data withValidateOn(List<Path> tests) {
            return new Data(data, negativesFrom, tests, validationCases, history, minWords, mostOfAReply, reading);
        }

        /** A copy of these data settings without examples whose original reply has fewer words. */
        public Data withMinWords(int minWords) {
            return new Data(data, negativesFrom, validateOn, validationCases, history, minWords, mostOfAReply, reading);
        }

        /** A copy of these data settings that reads files otherwise. */
        public Data withReading(ReadingSettings reading) {
            return new Data(data, negativesFrom, validateOn, validationCases, history, minWords, mostOfAReply, reading);
        }

        /** A copy of these data settings with hard negatives out of other files. */
        public Data withNegativesFrom(List<Path> files) {
            return new Data(data, files, validateOn, validationCases, history, minWords, mostOfAReply, reading);
        }
    }

    /**
     * What a student is and how it learns.
     *
     * @param method        what it learns from
     * @param score         the teacher's score that is distilled
     * @param alpha         share of distillation in the loss, 0 to 1
     * @param temperature   of the teacher's softmax, more than 0, at most 1000
     * @param form          what is made of the model it starts from
     * @param codes         of a poly-encoder, 1 or more
     * @param scale         factor of the scores in the loss, more than 0, at most 1000; if empty what is usual
     * @param dropout       0 to 0.5
     * @param contextTokens most tokens of a context, in training and ever after
     * @param replyTokens   most tokens of a reply, in training and ever after
     */
    public record Student(
            @Setting(value = "baseline (original replies), g2r-d (the teacher's replies are positives, too), g2r-dm "
                    + "(its scores are distilled, too).", label = "NAME") TrainingMethod method,
            @Setting(value = "The teacher's score that is distilled: ll (log-likelihood a token) or mi (mutual "
                    + "information).", label = "NAME") TeacherScore score,
            @Setting(value = "Share of distillation in the loss of g2r-dm.", label = "A") double alpha,
            @Setting(value = "Of the teacher's softmax over a context's candidates.", label = "T") double temperature,
            @Setting(value = "The student: as-is (what the model is), tied or untied (a bi-encoder), poly or "
                    + "untied-poly (a poly-encoder).", label = "NAME") Form form,
            @Setting(value = "Codes of a poly-encoder.", label = "N") int codes,
            @Setting(value = "Factor of the scores in the loss.", label = "S",
                    defaultText = "20 for cosines, 1 for dot products") Optional<Double> scale,
            @Setting(value = "Of embeddings and of the outputs of attention and feed-forward blocks.",
                    label = "P") double dropout,
            @Setting(value = "Most tokens of a context, in training and ever after.", label = "N") int contextTokens,
            @Setting(value = "Most tokens of a reply, likewise.", label = "N") int replyTokens) {
        private static final double HALF = 0.5;
        private static final double MOST_SCALE = 1000;

        /** What is made of the model that a student starts from. */
        public enum Form {
            /** The student keeps the form that the model has. */
            AS_IS,
            /** A bi-encoder whose sides share one encoder. */
            TIED,
            /** A bi-encoder of two encoders. */
            UNTIED,
            /** A poly-encoder whose sides share one encoder. */
            POLY,
            /** A poly-encoder of two encoders. */
            UNTIED_POLY
        }

        public Student {
            InvalidSetting.unless(method != null, "method", method, "name one");
            InvalidSetting.unless(score != null, "score", score, "name one");
            InvalidSetting.unless(alpha >= 0 && alpha <= 1, "alpha", alpha, "use 0 to 1");
            InvalidSetting.unless(temperature > 0 && temperature <= MOST_SCALE, "temperature", temperature,
                    "use more than 0, at most 1000");
            InvalidSetting.unless(form != null, "form", form, "name one");
            InvalidSetting.unless(codes >= 1, "codes", codes, "use 1 or more, usually 16 to 360");
            InvalidSetting.unless(scale.stream().allMatch(some -> some > 0 && some <= MOST_SCALE), "scale", scale,
                    "use more than 0, at most 1000");
            InvalidSetting.unless(dropout >= 0 && dropout <= HALF, "dropout", dropout, "use 0 to 0.5");
            InvalidSetting.unless(contextTokens >= 1, "contextTokens", contextTokens, "use 1 or more");
            InvalidSetting.unless(replyTokens >= 1, "replyTokens", replyTokens, "use 1 or more");
        }

        /** The paper's baseline, of the form that the model has. */
        public static Student defaults() {
            return new Student(TrainingMethod.BASELINE, TeacherScore.LL, 0.1, 1, Form.AS_IS, 64, Optional.empty(), 0.1,
                    128, 64);
        }

        /** A copy of these student settings with another training method and teacher's score. */
        public Student withMethod(TrainingMethod method, TeacherScore score) {
            return new Student(method, score, alpha, temperature, form, codes, scale, dropout, contextTokens,
                    replyTokens);
        }

        /** A copy of these student settings with another share of distillation and temperature of the teacher. */
        public Student withDistillation(double alpha, double temperature) {
            return new Student(method, score, alpha, temperature, form, codes, scale, dropout, contextTokens,
                    replyTokens);
        }

        /** A copy of these student settings with another form. */
        public Student withForm(Form form) {
            return new Student(method, score, alpha, temperature, form, codes, scale, dropout, contextTokens,
                    replyTokens);
        }

        /** A copy of these student settings with another dropout. */
        public Student withDropout(double dropout) {
            return new Student(method, score, alpha, temperature, form, codes, scale, dropout, contextTokens,
                    replyTokens);
        }

        /** A copy of these student settings with other greatest lengths of contexts and replies. */
        public Student withTokens(int contextTokens, int replyTokens) {
            return new Student(method, score, alpha, temperature, form, codes, scale, dropout, contextTokens,
                    replyTokens);
        }

        StudentForm studentForm() {
            return switch (form) {
                case AS_IS -> new StudentForm.AsItIs();
                case TIED -> new StudentForm.Scored(new DotScoring(), true);
                case UNTIED -> new StudentForm.Scored(new DotScoring(), false);
                case POLY -> new StudentForm.Scored(new PolyScoring(codes), true);
                case UNTIED_POLY -> new StudentForm.Scored(new PolyScoring(codes), false);
            };
        }
    }

    /**
     * What a step is made of, and in how many pieces it is computed.
     *
     * @param batch         contexts, 1 or more
     * @param candidates    most candidates of a context, 1 or more
     * @param negatives     random replies that a batch shares, 0 or more
     * @param inBatch       whether other contexts' candidates are negatives
     * @param hardNegatives mined ones a context, 0 or more
     * @param negativesEach most listed ones that are drawn of a context's for a step; if empty 4
     * @param mineEvery     steps from one mining to the next, 1 or more
     * @param mineFrom      replies that are searched each time, 1 or more
     * @param mineSkip      best replies found that are passed over, 0 or more
     * @param search        how mined ones are searched for; if empty, as is fast
     * @param lengthWindow  batches that are sorted by length together, 1 for none
     * @param fileByFile    whether a batch's contexts are of one file of data
     * @param tokensAtOnce  most tokens of one pass, 1 or more
     * @param tokensHeld    most tokens of passes that are kept for the way back, 0 or more
     */
    public record Batches(
            @Setting(value = "Contexts of a batch.", label = "N") int batch,
            @Setting(value = "Most candidates of a context, drawn for each step; the original reply is always among "
                    + "them.", label = "K") int candidates,
            @Setting(value = "Random replies of all data that a batch shares as negatives.", label = "N") int negatives,
            @Setting("Other contexts' candidates are negatives, too.") boolean inBatch,
            @Setting(value = "Mined negatives a context, shared by the batch.", label = "N") int hardNegatives,
            @Setting(value = "With listed negatives: most that are drawn of a context's for each step, shared by the "
                    + "batch.", label = "K", defaultText = "4") Optional<Integer> negativesEach,
            @Setting(value = "Steps from one mining to the next.", label = "N") int mineEvery,
            @Setting(value = "Random replies that are searched each time.", label = "N") int mineFrom,
            @Setting(value = "Best replies found that are passed over: often they fit.", label = "N") int mineSkip,
            @Setting(value = "How mined negatives are searched for: exact, screened, gpu (on an NVIDIA card) or auto, "
                    + "which takes the card where that is faster. All find the same.", label = "METHOD",
                    defaultText = "auto", decides = false) Optional<SearchChoice> search,
            @Setting(value = "Batches whose examples are sorted by length together, which saves padding; 1 for none.",
                    label = "N") int lengthWindow,
            @Setting("A batch's contexts are of one file of data (but for a mixed rest): its replies are harder "
                    + "negatives of each other than those of other files.") boolean fileByFile,
            @Setting(value = "Most tokens of one pass, padding included; larger batches take several passes. Changes "
                    + "neither batches nor negatives.", label = "N") int tokensAtOnce,
            @Setting(value = "Most tokens whose passes are kept for the way back, about 0.3 MB each for MiniLM; those "
                    + "beyond are computed twice.", label = "N") long tokensHeld) {
        private static final int USUAL_LISTED = 4;

        public Batches {
            InvalidSetting.unless(batch >= 1, "batch", batch, "use 1 or more");
            InvalidSetting.unless(candidates >= 1, "candidates", candidates, "use 1 or more");
            InvalidSetting.unless(negatives >= 0, "negatives", negatives, "use 0 or more");
            InvalidSetting.unless(hardNegatives >= 0, "hardNegatives", hardNegatives, "use 0 or more");
            InvalidSetting.unless(negativesEach.stream().allMatch(some -> some >= 1), "negativesEach", negativesEach,
                    "use 1 or more");
            InvalidSetting.unless(mineEvery >= 1, "mineEvery", mineEvery, "use 1 or more");
            InvalidSetting.unless(mineFrom >= 1 && mineFrom <= RetrievalSettings.Mining.MOST, "mineFrom", mineFrom,
                    "use 1 to " + RetrievalSettings.Mining.MOST);
            InvalidSetting.unless(search.stream().allMatch(SearchChoice::isExact), "search", "ann",
                    "use exact, screened, gpu or auto");
            InvalidSetting.unless(mineSkip >= 0, "mineSkip", mineSkip, "use 0 or more");
            InvalidSetting.unless(lengthWindow >= 1, "lengthWindow", lengthWindow, "use 1 or more");
            InvalidSetting.unless(tokensAtOnce >= 1, "tokensAtOnce", tokensAtOnce, "use 1 or more");
            InvalidSetting.unless(tokensHeld >= 0, "tokensHeld", tokensHeld, "use 0 or more");
        }

        /** The paper's: 48 contexts, 10 candidates of each, 512 random negatives. */
        public static Batches defaults() {
            return new Batches(48, 10, 512, false, 0, Optional.empty(), 100, 20_000, 1, Optional.empty(), 8, false,
                    4096, 8192);
        }

        /** A copy of these batch settings with other numbers of contexts and candidates. */
        public Batches withSize(int batch, int candidates) {
            return new Batches(batch, candidates, negatives, inBatch, hardNegatives, negativesEach, mineEvery, mineFrom,
                    mineSkip, search, lengthWindow, fileByFile, tokensAtOnce, tokensHeld);
        }

        /** A copy of these batch settings that mines negatives by another search method. */
        public Batches withSearch(SearchChoice search) {
            return new Batches(batch, candidates, negatives, inBatch, hardNegatives, negativesEach, mineEvery, mineFrom,
                    mineSkip, Optional.of(search), lengthWindow, fileByFile, tokensAtOnce, tokensHeld);
        }

        /** A copy with other negatives: random ones, other contexts' candidates, and mined ones for each context. */
        public Batches withNegatives(int random, boolean inBatch, int hardNegatives) {
            return new Batches(batch, candidates, random, inBatch, hardNegatives, negativesEach, mineEvery, mineFrom,
                    mineSkip, search, lengthWindow, fileByFile, tokensAtOnce, tokensHeld);
        }

        private Negatives negatives(Data data) {
            boolean some = negatives > 0 || inBatch || hardNegatives > 0 || !data.negativesFrom.isEmpty();
            if (!some) {
                throw new InvalidSetting("negatives", negatives, "and there are no others",
                        "use 1 or more, set \"in-batch\" to true, or use \"hard-negatives\" or \"negatives-from\"");
            }
            return new Negatives(negatives, inBatch, hardNegatives,
                    new Negatives.Listed(data.negativesFrom, negativesEach.orElse(USUAL_LISTED)));
        }
    }

    /**
     * The settings as {@link io.retort.learn.RetrievalTask} takes them.
     *
     * @param base configuration of what the student starts from
     */
    RetrievalSettings retrieval(ModelConfig base) {
        StudentForm form = student.studentForm();
        double scale = student.scale.orElseGet(() -> RetrievalSettings.usualScale(form.of(base)));
        return new RetrievalSettings(new Recipe(student.method, student.score, student.alpha, student.temperature),
                form, data.history, data.minWords, data.mostOfAReply, student.contextTokens, student.replyTokens,
                new BatchSource.Settings(batches.batch, batches.candidates, batches.negatives(data),
                        batches.lengthWindow, batches.fileByFile, seed),
                new TrainableStudent.Settings(scale, student.dropout, batches.tokensAtOnce, batches.tokensHeld),
                new RetrievalSettings.Mining(batches.mineEvery, batches.mineFrom, batches.mineSkip,
                        batches.search.flatMap(SearchSetup::asked)),
                data.reading);
    }
}
