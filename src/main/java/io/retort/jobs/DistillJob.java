package io.retort.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.files.Folders;
import io.retort.files.Progress;
import io.retort.files.Sha256;
import io.retort.graph.ComputeRuntime;
import io.retort.ingest.ReadingReport;
import io.retort.ingest.SourceFile;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingMethod;
import io.retort.generate.TeacherFingerprint;
import io.retort.lm.WeightStorage;
import io.retort.runtime.RetortRuntime;
import io.retort.runtime.RuntimeSettings;
import io.retort.settings.InvalidSetting;
import io.retort.settings.SettingsCodec;
import io.retort.store.ModelFolder;
import io.retort.teacher.Teacher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * From dialogues to a bot that answers like them, in one go: some dialogues are held out, a teacher answers and judges
 * the others, a student learns from that, its replies become an index, and a report says how good it is. Each stage is
 * the job that can be run alone, with its files in the folder. Killed at any moment and run again with the same
 * settings, it goes on in the very stage. An object runs once; {@link #stop()} may be called from any thread.
 */
public final class DistillJob {
    private static final SettingsCodec<DistillSettings> CODEC = SettingsCodec.of(DistillSettings.class);
    private static final SettingsCodec<RuntimeSettings> RUNTIME = SettingsCodec.of(RuntimeSettings.class);
    private static final String DIGESTS = "digests";

    private final DistillSettings settings;
    private TrainJob training;
    private volatile boolean stopping;

    /** Prepares a distillation by these settings; nothing is read or written yet. */
    public DistillJob(DistillSettings settings) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        this.settings = settings;
    }

    /** Is told how a distillation goes, on the thread that runs it. */
    public interface Listener {
        /** A listener that ignores everything, for callers that do not watch. */
        Listener NONE = new Listener() {
        };

        /** Called before a few contexts are tried, which takes seconds and tells what all of them will take. */
        default void measuring() {
        }

        /** Called with what the job will take, before the first stage that is long. */
        default void estimated(DistillEstimate estimate) {
        }

        /**
         * Called when a stage begins, or is found finished.
         *
         * @param number from 1
         * @param of     how many there are
         */
        default void began(DistillStage stage, int number, int of) {
        }

        /** Returns who is told of a teacher's records as they are made. */
        default RecordsListener<Distilled> records(DistillStage stage) {
            return RecordsListener.none();
        }

        /** Returns who is told of the student's training; the job closes it afterwards. */
        default TrainingListener training(TrainSettings settings) {
            return new TrainingListener() {
            };
        }

        /** Returns who is told how far a stage without a teacher and without training has come. */
        default Progress progress(DistillStage stage) {
            return Progress.NONE;
        }

        /**
         * Called when a stage has ended.
         *
         * @param before whether an earlier process finished it
         */
        default void ended(Cost cost, boolean before) {
        }

        /** Called with a sentence for people about what they should know of their data, though it is no mistake. */
        default void noted(String note) {
        }
    }

    /**
     * What a stage took, over all processes that worked on it.
     *
     * @param counts what it counted, by name
     */
    public record Cost(DistillStage stage, double seconds, SortedMap<String, Long> counts) {
        public Cost {
            counts = Collections.unmodifiableSortedMap(new TreeMap<>(counts));
        }

        /** The value of a counter; 0 if what it counts never happened. */
        public long count(String name) {
            return counts.getOrDefault(name, 0L);
        }
    }

    /**
     * How a distillation ended.
     *
     * @param interrupted whether it was stopped before its end
     * @param folder      the bot's, once it is at its end
     * @param report      the numbers, as JSON
     * @param page        the same for people, as HTML that needs nothing else
     */
    public record Result(boolean interrupted, Path folder, Path report, Path page) {
        /** Summarises the report for people, a sentence a line. */
        public List<String> summary() throws IOException {
            return DistillReport.lines(new ObjectMapper().readTree(report.toFile()));
        }
    }

    /** Ends the job as soon as what it has done is kept. Any thread may ask for it. */
    public synchronized void stop() {
        stopping = true;
        if (training != null) training.stop();
    }

    /** Takes note of the training that is to be stopped, if the job is. */
    synchronized void training(TrainJob begun) {
        training = begun;
        if (stopping) begun.stop();
    }

    /** Leaves the stage at work if the job was stopped. */
    void requireGoingOn() {
        if (stopping) throw new Stopped();
    }

    /** Leaves a stage that has no way to be stopped but whose job survives it. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("stopped", null, false, false);
        }
    }

    /**
     * Makes a bot with the teacher that the settings name, or without one if they name none.
     *
     * @param out the bot's folder: new, empty, or of a distillation by the same settings
     * @throws BadInput       if models, data, settings and folder do not fit each other
     * @throws InvalidSetting if no data are named
     */
    public Result run(RetortRuntime runtime, Path out, Listener listener) throws IOException {
        if (out == null) throw new IllegalArgumentException("out is null");
        try (DistillTeachers teachers = DistillTeachers.of(settings, weights(out), runtime, listener::noted)) {
            Result result = run(runtime, teachers, out, listener);
            for (Teacher teacher : teachers.owned()) {
                TeacherSettings.tellUsage(teacher, settings.server(), listener::noted);
            }
            return result;
        }
    }

    /**
     * Makes a bot with a teacher of the caller's.
     *
     * @param teacher stays the caller's
     * @param out     the bot's folder: new, empty, or of a distillation by the same settings and teacher
     * @throws BadInput       if the teacher does not write replies, or data, settings and folder do not fit each other
     * @throws InvalidSetting if no data are named
     */
    public Result run(RetortRuntime runtime, Teacher teacher, Path out, Listener listener) throws IOException {
        if (teacher == null) throw new IllegalArgumentException("teacher is null");
        return run(runtime, DistillTeachers.of(teacher, settings), out, listener);
    }

    /**
     * Tells what a run would take, which needs some seconds of trial, and leaves nothing behind.
     *
     * @throws BadInput       if models or data cannot be used
     * @throws InvalidSetting if no data are named
     */
    public DistillEstimate estimate(RetortRuntime runtime, Listener listener) throws IOException {
        Path work = Files.createTempDirectory("retort-distill");
        WeightStorage weights = settings.weights().orElse(WeightStorage.FILE);
        try (DistillTeachers teachers = DistillTeachers.of(settings, weights, runtime, listener::noted)) {
            digests(teachers, listener::noted);
            TalkSplit split = convert(work, listener.progress(DistillStage.CONVERT), listener);
            note(split, teachers, listener);
            listener.measuring();
            return probe(split, work.resolve(TalkSplit.LEARNED), runtime, teachers);
        } finally {
            Folders.delete(work);
        }
    }

    private Result run(RetortRuntime runtime, DistillTeachers teachers, Path out, Listener listener)
            throws IOException {
        if (out == null) throw new IllegalArgumentException("out is null");
        ObjectNode config = config(settings, runtime);
        config.set(DIGESTS, digests(teachers, listener::noted));
        try (DistillFolder folder = DistillFolder.open(out, config, free(), begun -> rewritten(begun, out))) {
            Result result = new Result(false, out, folder.resolve(DistillFolder.REPORT),
                    folder.resolve(DistillFolder.PAGE));
            try {
                new DistillStages(this, settings, ComputeRuntime.of(runtime), teachers, folder, listener).run(out);
                return result;
            } catch (Stopped e) {
                return new Result(true, out, result.report, result.page);
            }
        }
    }

    /** Makes dialogues of ours out of the users' files, and divides them. */
    TalkSplit convert(Path folder, Progress progress, Listener listener) throws IOException {
        long bytes = 0;
        for (Path file : settings.data()) {
            SourceFile source = SourceFile.recognise(file, settings.reading());
            bytes += Files.size(file);
            if (source.form() != DialogueFile.FORMAT) {
                throw BadInput.in(file, "holds " + source.form().contents() + ", no dialogues",
                        "give the dialogues themselves");
            }
        }
        progress.update(0, bytes);
        ConvertJob.Result made = new ConvertJob(settings.convert(), Optional.of(folder.resolve(TalkSplit.ALL)))
                .run(progress);
        progress.update(bytes, bytes);
        made.files().stream().filter(ReadingReport::isNews).forEach(file -> listener.noted(file.sentence()));
        return new TalkSplit.Cut(settings, folder, (_, _) -> requireGoingOn()).make();
    }

    DistillEstimate probe(TalkSplit split, Path learned, RetortRuntime runtime, DistillTeachers teachers)
            throws IOException {
        return new DistillProbe(settings, split, learned, runtime).measure(teachers.writer(), teachers.judge());
    }

    /** What a student is trained by: as the settings say, as far as the teacher gives what that needs. */
    static TrainingMethod method(DistillSettings settings, boolean writes, boolean judges) {
        TrainingMethod wanted = settings.train().student().method();
        if (!writes) return TrainingMethod.BASELINE;
        return wanted == TrainingMethod.G2R_DM && !judges ? TrainingMethod.G2R_D : wanted;
    }

    static ModelFolder base(DistillSettings settings, Consumer<String> news) throws IOException {
        return ModelLookup.find(settings.model(), news);
    }

    static void note(TalkSplit split, DistillTeachers teachers, Listener listener) {
        if (split.withoutReply() > 0) {
            listener.noted(
                    split.withoutReply() + " dialogues hold no reply (one turn, or one speaker) and are left out");
        }
        if (split.cases() == 0) {
            listener.noted("no dialogues are held out" + (split.heldOut() > 0 ? " that can be ranked" : "")
                    + ", so the student is not measured; that takes 20 dialogues or more");
        }
        if (teachers.writer().isEmpty()) {
            listener.noted("without a teacher the student learns from the dialogues alone; a teacher would add replies "
                    + "of its own to answer with, and its opinion of which replies fit");
        }
    }

    /**
     * How the teacher keeps its weights: as is asked for, or else as the folder was begun, or as its file stores them.
     * What a folder was begun with in 32 bits tells of the teacher by the digest of its files alone.
     */
    private WeightStorage weights(Path out) throws IOException {
        Path config = out.resolve(JobFolder.CONFIG);
        if (settings.weights().isPresent() || settings.teacher().flatMap(TeacherPlace::address).isPresent()
                || settings.teacher().isEmpty() || !Files.isRegularFile(config)) {
            return settings.weights().orElse(WeightStorage.FILE);
        }
        String begun = JobFolder.read(config).map(read -> read.path(DIGESTS).path("teacher").asText()).orElse("");
        return begun.equals(TeacherFingerprint.of(settings.teacher().get().path()))
                ? WeightStorage.F32
                : WeightStorage.FILE;
    }

    // ---- the settings as the folder keeps them

    static ObjectNode config(DistillSettings settings, RetortRuntime runtime) {
        ObjectNode config = CODEC.write(settings);
        config.setAll(RUNTIME.write(RunSettings.inUse(runtime)));
        return config;
    }

    private ObjectNode digests(DistillTeachers teachers, Consumer<String> news) throws IOException {
        InvalidSetting.unless(!settings.data().isEmpty(), "data", settings.data(), "name files of dialogues");
        ObjectNode digests = new ObjectMapper().createObjectNode();
        for (Path file : settings.data()) digests.put(file.toString(), Sha256.of(file));
        digests.put("model", base(settings, news).fingerprint());
        for (Teacher teacher : teachers.writer()) {
            teacher.requireGenerates();
            digests.put("teacher", teacher.fingerprint());
        }
        return digests;
    }

    private static Set<String> free() {
        Set<String> free = new TreeSet<>(RunSettings.free());
        CODEC.fields().forEach((key, field) -> {
            if (!field.decides()) free.add(key);
        });
        return free;
    }

    /** What a distillation was begun with, by whichever version, as this version writes it. */
    private static ObjectNode rewritten(ObjectNode begun, Path out) {
        ObjectNode own = begun.deepCopy(), ofRuntime = begun.objectNode();
        for (String key : RUNTIME.fields().keySet()) if (own.has(key)) ofRuntime.set(key, own.remove(key));
        var digests = own.remove(DIGESTS);
        ObjectNode rewritten = CODEC.rewrite(own, out.resolve(JobFolder.CONFIG));
        rewritten.setAll(RUNTIME.write(RUNTIME.read(ofRuntime, RUNTIME.defaults(), out)));
        if (digests != null) rewritten.set(DIGESTS, digests);
        return rewritten;
    }
}
