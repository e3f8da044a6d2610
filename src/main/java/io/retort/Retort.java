package io.retort;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Distilled;
import io.retort.fetch.BundledFiles;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.jobs.DistillJob;
import io.retort.jobs.DistillSettings;
import io.retort.jobs.EvaluateJob;
import io.retort.jobs.EvaluateResult;
import io.retort.jobs.EvaluateSettings;
import io.retort.jobs.ExperimentJob;
import io.retort.jobs.ExperimentSettings;
import io.retort.jobs.ExportJob;
import io.retort.jobs.ExportSettings;
import io.retort.jobs.GenerateJob;
import io.retort.jobs.GenerateSettings;
import io.retort.jobs.IndexJob;
import io.retort.jobs.MineJob;
import io.retort.jobs.MineSettings;
import io.retort.jobs.RecordsListener;
import io.retort.jobs.RecordsResult;
import io.retort.jobs.ReproduceJob;
import io.retort.jobs.ScoreJob;
import io.retort.jobs.ScoreSettings;
import io.retort.jobs.SynthesizeJob;
import io.retort.jobs.SynthesizeSettings;
import io.retort.jobs.TrainJob;
import io.retort.jobs.TrainSettings;
import io.retort.jobs.TuneJob;
import io.retort.jobs.TuneSettings;
import io.retort.learn.TrainingDiverged;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingResult;
import io.retort.reply.ModelOfIndex;
import io.retort.reply.ModelResponder;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings;
import io.retort.runtime.RetortRuntime;
import io.retort.runtime.RuntimeSettings;
import io.retort.settings.InvalidSetting;
import io.retort.store.BotFolder;
import io.retort.store.ModelFolder;
import io.retort.teacher.LocalTeacher;
import io.retort.teacher.LocalTeacherSettings;
import io.retort.teacher.Teacher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retort, open: the threads and the engine that everything which comes from it computes with. One is enough for a
 * process; it may be used from any thread.
 *
 * <p>What is opened from it ({@link Student#responder()}, {@link #teacher(Path)}) is closed by its caller, and before
 * it: closing Retort ends the threads, and whatever is still open then refuses to work with an
 * {@link IllegalStateException}, but can still be closed.
 */
public final class Retort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Retort.class);

    private final ComputeRuntime runtime;

    private Retort(ComputeRuntime runtime) {
        this.runtime = runtime;
    }

    /** Opens Retort with the fastest engine that runs here, on all processors. */
    public static Retort open() {
        return open(RuntimeSettings.defaults());
    }

    /**
     * Opens Retort with the engine and the threads that the settings ask for.
     *
     * @throws BadInput if that engine does not run here
     */
    public static Retort open(RuntimeSettings settings) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        return new Retort(ComputeRuntime.open(settings));
    }

    /**
     * The threads and the engine, for what takes them from its caller: the jobs of {@link io.retort.jobs}, each a class
     * with settings of its own, whose {@code run} computes with this runtime.
     */
    public RetortRuntime runtime() {
        return runtime;
    }

    // ---- students

    /**
     * Opens the student that comes with Retort.
     *
     * @throws BadInput if it is not there: a library has it in an artefact of its own
     */
    public Student student() throws IOException {
        return student(BundledFiles.STUDENT);
    }

    /**
     * Opens a student by its name.
     *
     * @param name of a model of the catalogue that is here already, or the path of a folder
     * @throws BadInput if there is none of that name
     */
    public Student student(String name) throws IOException {
        if (name == null) throw new IllegalArgumentException("name is null");
        return new Student(runtime, ModelLookup.find(name, LOG::info));
    }

    /**
     * Opens a student in a folder.
     *
     * @param folder that Retort trained, imported or pulled
     * @throws BadInput if it is no model folder
     */
    public Student student(Path folder) throws IOException {
        if (folder == null) throw new IllegalArgumentException("folder is null");
        return new Student(runtime, ModelFolder.open(folder));
    }

    // ---- bots and indexes

    /**
     * Opens a bot: a student with the replies that it answers with, as {@link #distill} makes one.
     *
     * @param folder the bot's
     * @return the caller's, to be closed
     * @throws BadInput if it is none, or its index is damaged or another student's
     */
    public Responder bot(Path folder) throws IOException {
        if (folder == null) throw new IllegalArgumentException("folder is null");
        BotFolder bot = BotFolder.open(folder);
        return ModelResponder.open(runtime, bot.model(), bot.index());
    }

    /**
     * Answers out of an index with the model that made it, which is looked for where the index says it was, beside the
     * index, in what comes with Retort, and among the models that were pulled; it is known by its fingerprint.
     *
     * @return the caller's, to be closed
     * @throws BadInput if the index is damaged, or its model is not found: open that one by {@link #student(Path)}
     */
    public Responder responder(Path index) throws IOException {
        return responder(index, ResponderSettings.defaults());
    }

    /**
     * Answers out of an index with the model that made it.
     *
     * @return the caller's, to be closed
     * @throws BadInput if the index is damaged, or its model is not found
     */
    public Responder responder(Path index, ResponderSettings settings) throws IOException {
        if (index == null) throw new IllegalArgumentException("index is null");
        if (settings == null) throw new IllegalArgumentException("settings is null");
        return ModelResponder.open(runtime, ModelOfIndex.find(index, LOG::info), index, settings);
    }

    // ---- teachers

    /**
     * Loads a language model as a teacher, which writes and judges replies; the caller closes it.
     *
     * @param model a GGUF file, or a folder of the Hugging Face Hub
     * @throws BadInput if it is neither, or is damaged
     */
    public Teacher teacher(Path model) throws IOException {
        return teacher(model, LocalTeacherSettings.defaults());
    }

    /**
     * Loads a language model as a teacher, which is asked as the settings say.
     *
     * @throws BadInput if it is none, or is damaged
     */
    public Teacher teacher(Path model, LocalTeacherSettings settings) throws IOException {
        if (model == null) throw new IllegalArgumentException("model is null");
        return LocalTeacher.open(model, settings, runtime);
    }

    // ---- jobs; the classes of io.retort.jobs can also be stopped, and Student.index makes indexes

    /**
     * Makes one index of several that the same student made; nothing is encoded.
     *
     * @param indexes  two or more
     * @param target   the file to write, which may be one of them
     * @param progress counts replies
     * @throws BadInput if an index is damaged, is named twice, or differs from the first in its model, key or metric
     */
    public IndexJob.Result merge(List<Path> indexes, Path target, Progress progress) throws IOException {
        return IndexJob.merge(runtime, indexes, target, progress);
    }

    /**
     * Has a teacher answer the contexts of dialogues; interrupted, it goes on where it was when called again.
     *
     * @param teacher stays the caller's; what the settings say of a language model counts for nothing
     * @param out     the JSONL file, gzipped if it ends in {@code .gz}
     * @throws BadInput if the teacher does not generate, a file is not what it should be, or the output is another
     * run's
     */
    public RecordsResult generate(GenerateSettings settings, Teacher teacher, Path out,
            RecordsListener<Distilled> listener) throws IOException {
        return new GenerateJob(settings, out).run(teacher, listener);
    }

    /**
     * Has the language model that the settings name answer the contexts of dialogues.
     *
     * @param out the JSONL file, gzipped if it ends in {@code .gz}
     * @throws InvalidSetting if a setting is missing
     */
    public RecordsResult generate(GenerateSettings settings, Path out, RecordsListener<Distilled> listener)
            throws IOException {
        return new GenerateJob(settings, out).run(runtime, listener);
    }

    /**
     * Adds a teacher's opinion to each candidate of distilled data; interrupted, it goes on where it was when called
     * again.
     *
     * @param teacher stays the caller's; what the settings say of a language model counts for nothing
     * @param out     the JSONL file, gzipped if it ends in {@code .gz}
     * @throws BadInput if the teacher does not judge, a file is not what it should be, or the output is another run's
     */
    public RecordsResult score(ScoreSettings settings, Teacher teacher, Path out, RecordsListener<Distilled> listener)
            throws IOException {
        return new ScoreJob(settings, out).run(teacher, listener);
    }

    /**
     * Adds the opinion of the language model that the settings name to each candidate of distilled data.
     *
     * @param out the JSONL file, gzipped if it ends in {@code .gz}
     * @throws InvalidSetting if a setting is missing
     */
    public RecordsResult score(ScoreSettings settings, Path out, RecordsListener<Distilled> listener)
            throws IOException {
        return new ScoreJob(settings, out).run(runtime, listener);
    }

    /**
     * Has a teacher talk to itself: whole new dialogues; interrupted, it goes on where it was when called again.
     *
     * @param teacher stays the caller's; what the settings say of a language model counts for nothing
     * @param out     the JSONL file, gzipped if it ends in {@code .gz}
     * @throws BadInput       if the teacher does not generate, or the output is another run's
     * @throws InvalidSetting if the settings do not say how many
     */
    public RecordsResult synthesize(SynthesizeSettings settings, Teacher teacher, Path out,
            RecordsListener<Dialogue> listener) throws IOException {
        return new SynthesizeJob(settings, out).run(teacher, listener);
    }

    /**
     * Has the language model that the settings name talk to itself.
     *
     * @param out the JSONL file, gzipped if it ends in {@code .gz}
     * @throws InvalidSetting if a setting is missing
     */
    public RecordsResult synthesize(SynthesizeSettings settings, Path out, RecordsListener<Dialogue> listener)
            throws IOException {
        return new SynthesizeJob(settings, out).run(runtime, listener);
    }

    /**
     * Trains a student, or goes on with a run by the same settings that was interrupted.
     *
     * @param out      the folder that holds the student in the end: new, empty, or of such a run
     * @param listener told on the calling thread; it stays the caller's
     * @throws BadInput         if model, data, settings and folder do not fit each other
     * @throws InvalidSetting   if no data are named
     * @throws TrainingDiverged if a number is not finite
     */
    public TrainingResult train(TrainSettings settings, Path out, TrainingListener listener) throws IOException {
        return TrainJob.resume(settings, out).run(runtime, listener);
    }

    /**
     * Finds hard negatives: for each context the replies that a student ranks first though they are none of its
     * candidates. Interrupted, it goes on where it was when called again.
     *
     * @param out      the JSONL file, which training takes as listed negatives; gzipped if it ends in {@code .gz}
     * @param progress counts the texts of all replies, then the contexts
     * @throws BadInput       if data or model cannot be used, or the file was made by another run
     * @throws InvalidSetting if no data are named
     */
    public MineJob.Result mine(MineSettings settings, Path out, Progress progress) throws IOException {
        return new MineJob(settings, out).run(runtime, progress, LOG::info);
    }

    /**
     * Tunes a language model on dialogues, or goes on with a run by the same settings that was interrupted.
     *
     * @param out      the folder that holds the model in the end: new, empty, or of such a run
     * @param listener told on the calling thread; it stays the caller's
     * @throws BadInput         if model, data, settings and folder do not fit each other
     * @throws InvalidSetting   if no model or no data are named
     * @throws TrainingDiverged if a number is not finite
     */
    public TrainingResult tune(TuneSettings settings, Path out, TrainingListener listener) throws IOException {
        return TuneJob.resume(settings, out).run(runtime, listener);
    }

    /**
     * Measures how well the student, or the language model, that the settings name tells replies that fit.
     *
     * @throws BadInput       if a file is not what it should be
     * @throws InvalidSetting if a setting is missing, or of the other kind of model
     */
    public EvaluateResult evaluate(EvaluateSettings settings, EvaluateJob.Listener listener) throws IOException {
        return new EvaluateJob(settings).run(runtime, listener);
    }

    /**
     * Measures how well a teacher tells replies that fit.
     *
     * @param teacher stays the caller's
     * @throws BadInput if the teacher does not judge, or a file is not what it should be
     */
    public EvaluateResult.OfTeacher evaluate(EvaluateSettings settings, Teacher teacher,
            EvaluateJob.Listener listener) throws IOException {
        return new EvaluateJob(settings).run(teacher, listener);
    }

    /**
     * Trains a grid of methods and seeds, measures and compares the students, and writes a report; interrupted, it goes
     * on where it was when called again.
     *
     * @param out the folder: new, empty, or of an experiment by the same settings
     * @throws BadInput       if models, data, settings and folder do not fit each other
     * @throws InvalidSetting if no tests, contexts or data are named
     */
    public ExperimentJob.Result experiment(ExperimentSettings settings, Path out, ExperimentJob.Listener listener)
            throws IOException {
        return new ExperimentJob(settings, out).run(runtime, listener);
    }

    /**
     * Makes a bot out of dialogues, with the language model that the settings name as teacher or without one;
     * interrupted, it goes on where it was when called again.
     *
     * @param out the bot's folder, for {@link #bot}: new, empty, or of a distillation by the same settings
     * @throws BadInput       if models, data, settings and folder do not fit each other
     * @throws InvalidSetting if no data are named
     */
    public DistillJob.Result distill(DistillSettings settings, Path out, DistillJob.Listener listener)
            throws IOException {
        return new DistillJob(settings).run(runtime, out, listener);
    }

    /**
     * Writes a student for sentence-transformers, or in 8 bits.
     *
     * @param out  the folder, new or empty
     * @param news told in a sentence when something takes a while
     * @throws BadInput       if the student cannot be written so, or the folder holds something
     * @throws InvalidSetting if no model is named
     */
    public ExportJob.Result export(ExportSettings settings, Path out, Consumer<String> news) throws IOException {
        return new ExportJob(settings, out).run(news);
    }

    /**
     * Trains a model again, by the settings that its folder keeps and from the same data, and compares the weights.
     *
     * @param original the folder of a run that has ended
     * @param out      the folder to train in: new, empty, or of a reproduction that was interrupted
     * @param listener told of the training on the calling thread; it stays the caller's
     * @throws BadInput if there is no such run, or its data or parents are others now
     */
    public ReproduceJob.Result reproduce(Path original, Path out, TrainingListener listener) throws IOException {
        return ReproduceJob.of(original, out).run(runtime, listener);
    }

    /**
     * Ends the threads; none of them runs or waits when this returns. What is being computed by other threads meanwhile
     * may fail with an {@link IllegalStateException}. Closing again does nothing.
     */
    @Override
    public void close() {
        runtime.close();
    }
}
