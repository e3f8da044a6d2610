package io.retort.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Distilled;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.learn.StepReport;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingMethod;
import io.retort.learn.TrainingResult;
import io.retort.learn.Validation;
import io.retort.reply.ScoreCalibration;
import io.retort.search.ModelFingerprint;
import io.retort.search.ResponseIndex;
import io.retort.store.BotFolder;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The stages of a distillation at work in one process, one after the other. For use by one thread. */
final class DistillStages {
    /** Fewest contexts on which a floor for scores means anything. */
    private static final int ENOUGH_TO_CALIBRATE = 20;

    private final DistillJob job;
    private final DistillSettings settings;
    private final ComputeRuntime runtime;
    private final DistillTeachers teachers;
    private final DistillFolder folder;
    private final DistillJob.Listener listener;
    private final List<DistillStage> all = new ArrayList<>(List.of(DistillStage.values()));
    private final TrainingMethod method;

    DistillStages(DistillJob job, DistillSettings settings, ComputeRuntime runtime, DistillTeachers teachers,
            DistillFolder folder, DistillJob.Listener listener) {
        this.job = job;
        this.settings = settings;
        this.runtime = runtime;
        this.teachers = teachers;
        this.folder = folder;
        this.listener = listener;
        this.method = DistillJob.method(settings, !teachers.writer().isEmpty(), !teachers.judge().isEmpty());
        if (teachers.writer().isEmpty()) all.remove(DistillStage.GENERATE);
        if (teachers.judge().isEmpty()) all.remove(DistillStage.SCORE);
    }

    /** What a stage does; it tells what it counted. */
    private interface Work {
        Map<String, Long> run(DistillFolder.Clock clock) throws IOException;
    }

    void run(Path out) throws IOException {
        stage(DistillStage.CONVERT, folder.split().isPresent(), this::convert);
        TalkSplit split = folder.split().orElseThrow();
        DistillJob.note(split, teachers, listener);
        if (folder.estimate().isEmpty()) {
            listener.measuring();
            folder.keep(job.probe(split, folder.resolve(TalkSplit.LEARNED), runtime, teachers));
        }
        listener.estimated(folder.estimate().orElseThrow());
        Path data = folder.resolve(TalkSplit.LEARNED);
        if (all.contains(DistillStage.GENERATE)) {
            Path from = data, distilled = folder.resolve(DistillFolder.DISTILLED);
            stage(DistillStage.GENERATE, Files.exists(distilled), clock -> new GenerateJob(settings.generate(from),
                    distilled).run(teachers.writer().getFirst(), watched(DistillStage.GENERATE, clock)).counts());
            data = distilled;
        }
        if (all.contains(DistillStage.SCORE)) {
            Path from = data, scored = folder.resolve(DistillFolder.SCORED);
            stage(DistillStage.SCORE, Files.exists(scored), clock -> new ScoreJob(settings.score(from), scored)
                    .run(teachers.judge().getFirst(), watched(DistillStage.SCORE, clock)).counts());
            data = scored;
        }
        teachers.close(); // their memory is the student's from here on
        Path replies = data, student = folder.resolve(DistillFolder.STUDENT);
        stage(DistillStage.TRAIN, Files.exists(student.resolve(ModelFolder.WEIGHTS)),
                clock -> train(replies, split, clock));
        Path index = folder.resolve(DistillFolder.INDEX);
        stage(DistillStage.INDEX, isIndexOf(student, index), clock -> index(replies, student, index, clock));
        BotFolder bot = BotFolder.write(out, DistillFolder.STUDENT, DistillFolder.INDEX);
        Path page = folder.resolve(DistillFolder.PAGE);
        stage(DistillStage.REPORT, Files.exists(page), clock -> report(bot, split, clock));
    }

    /**
     * Does a stage, unless an earlier process did.
     *
     * @param there whether what it makes is there
     */
    private void stage(DistillStage stage, boolean there, Work work) throws IOException {
        job.requireGoingOn();
        listener.began(stage, all.indexOf(stage) + 1, all.size());
        Optional<DistillJob.Cost> before = folder.cost(stage);
        if (there && before.isPresent()) {
            listener.ended(before.get(), true);
            return;
        }
        DistillFolder.Clock clock = folder.clock(stage);
        listener.ended(clock.done(work.run(clock)), false);
    }

    private Map<String, Long> convert(DistillFolder.Clock clock) throws IOException {
        TalkSplit split = job.convert(folder.resolve(""),
                watched(listener.progress(DistillStage.CONVERT), clock), listener);
        folder.keep(split);
        return Map.of("dialogues", split.dialogues(), "contexts", split.contexts(), "held_out", split.heldOut());
    }

    private Map<String, Long> train(Path data, TalkSplit split, DistillFolder.Clock clock) throws IOException {
        List<Path> validation = split.validating() > 0
                ? List.of(folder.resolve(TalkSplit.VALIDATION))
                : List.of();
        TrainSettings own = settings.train(data, validation, split.examples(), method);
        TrainJob training = TrainJob.resume(own, folder.resolve(DistillFolder.STUDENT));
        job.training(training);
        try (TrainingListener told = listener.training(own)) {
            TrainingResult result = training.run(runtime, new Ticking(told, clock));
            if (result.ending() == TrainingResult.Ending.INTERRUPTED) throw new DistillJob.Stopped();
            return Map.of("steps", result.steps(), "contexts", split.examples());
        }
    }

    private boolean isIndexOf(Path student, Path index) throws IOException {
        if (!Files.exists(index)) return false;
        ModelFolder model = ModelFolder.open(student);
        try (ResponseIndex open = ResponseIndex.open(index, ResponseIndex.Verification.ALL, runtime.pool())) {
            open.requireModel(new ModelFingerprint(model.fingerprint()), model.name());
            return true;
        } catch (BadInput e) {
            listener.noted("the index is made again: " + e.getMessage());
            Files.delete(index);
            return false;
        }
    }

    private Map<String, Long> index(Path replies, Path student, Path index, DistillFolder.Clock clock)
            throws IOException {
        IndexJob.Result made = new IndexJob(settings.index(replies)).build(runtime, student,
                index, watched(listener.progress(DistillStage.INDEX), clock));
        return Map.of("replies", (long) made.replies(), "bytes", made.bytes());
    }

    /**
     * Makes the report, and then adds the replies of the dialogues that were held out for it: what they were needed for
     * is measured, and the bot is to answer with all that its owner has.
     */
    private Map<String, Long> report(BotFolder bot, TalkSplit split, DistillFolder.Clock clock)
            throws IOException {
        Progress progress = watched(listener.progress(DistillStage.REPORT), clock);
        if (!Files.exists(bot.model().path().resolve(ScoreCalibration.FILE))) calibrate(bot, split);
        DistillReport report = new DistillReport(DistillJob.config(settings, runtime), split, teachers.name(), method,
                folder);
        ObjectNode json = report.json(bot, DistillJob.base(settings, listener::noted), settings.samples(), runtime,
                progress);
        IndexJob.Result whole = new IndexJob(settings.index(folder.resolve(TalkSplit.ALL))).append(runtime,
                bot.model().path(), bot.index(), bot.index(), progress);
        json.putObject("index").put("replies", whole.replies()).put("of_held_out_dialogues", whole.added());
        folder.write(DistillFolder.REPORT, json);
        folder.write(DistillFolder.PAGE, DistillPage.of(json));
        return Map.of("contexts", split.cases(), "replies_added", (long) whole.added());
    }

    /** Finds the score floor of a student whose training had too few dialogues to validate, where the test suffices. */
    private void calibrate(BotFolder bot, TalkSplit split) throws IOException {
        if (split.cases() < ENOUGH_TO_CALIBRATE) {
            listener.noted(split.cases() + " held-out contexts are too few to find a floor for scores, below which the "
                    + "bot would say that it has no answer; " + ENOUGH_TO_CALIBRATE + " are enough");
            return;
        }
        try {
            new CalibrateJob(CalibrateSettings.defaults().withModel(bot.model().path().toString())
                    .withData(List.of(folder.resolve(TalkSplit.TEST)), Optional.empty()))
                    .run(runtime, EvaluateJob.Listener.NONE);
        } catch (BadInput e) {
            listener.noted("the student has no score floor: " + e.getMessage());
        }
    }

    private Progress watched(Progress told, DistillFolder.Clock clock) {
        return (done, total) -> {
            going(clock);
            told.update(done, total);
        };
    }

    private RecordsListener<Distilled> watched(DistillStage stage, DistillFolder.Clock clock) {
        RecordsListener<Distilled> told = listener.records(stage);
        return new RecordsListener<>() {
            @Override
            public void progress(long done, long total) {
                going(clock);
                told.progress(done, total);
            }

            @Override
            public void effort(double done, double total) {
                going(clock);
                told.effort(done, total);
            }

            @Override
            public void tokens(long more) {
                going(clock);
                told.tokens(more);
            }

            @Override
            public void made(Distilled record) {
                told.made(record);
            }
        };
    }

    private void going(DistillFolder.Clock clock) {
        job.requireGoingOn();
        clock.tick();
    }

    /** Keeps the time of the training while it is told to somebody else. */
    private record Ticking(TrainingListener told, DistillFolder.Clock clock) implements TrainingListener {
        @Override
        public void started(long steps, boolean resumed) throws IOException {
            told.started(steps, resumed);
        }

        @Override
        public void stepped(StepReport report) throws IOException {
            clock.tick();
            told.stepped(report);
        }

        @Override
        public void validated(Validation validation, boolean best) throws IOException {
            told.validated(validation, best);
        }

        @Override
        public void kept(long steps, Path checkpoint) throws IOException {
            told.kept(steps, checkpoint);
        }

        @Override
        public void noted(String note) throws IOException {
            told.noted(note);
        }
    }
}
