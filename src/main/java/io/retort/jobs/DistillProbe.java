package io.retort.jobs;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Exchanges;
import io.retort.distill.TeacherScoring;
import io.retort.files.Folders;
import io.retort.files.ResidentMemory;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import io.retort.learn.StepReport;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingMethod;
import io.retort.runtime.RetortRuntime;
import io.retort.teacher.Teacher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Measures on a few contexts what the stages of a distillation take, and reckons what all contexts will.
 *
 * @param split   what there is to do
 * @param learned the file of dialogues to learn from
 */
record DistillProbe(DistillSettings settings, TalkSplit split, Path learned, RetortRuntime runtime) {
    /** Contexts that a teacher is tried on, at most, and the share of all that they are, at most. */
    private static final int MOST = 6, SHARE = 20;
    /** Examples that training is tried on where there is no teacher, and steps, of which the first compile. */
    private static final int EXAMPLES = 16, STEPS = 4, COMPILING = 2;
    /** A text's pass forward and back, as a multiple of its pass forward. */
    private static final double TRAINING_PASSES = 3;
    /** Bytes of a vector's number in an index. */
    private static final int FLOAT = 4;
    private static final long MEGABYTE = 1L << 20;

    /** How fast a student learns: seconds of one text, and examples of a step. */
    private record Pace(double secondsOfText, double secondsOfExample) {
    }

    /** Measures with these teachers, which are the stages' own; empty lists stand for no such stage. */
    DistillEstimate measure(List<Teacher> writer, List<Teacher> judge) throws IOException {
        Map<DistillStage, Double> seconds = new EnumMap<>(DistillStage.class);
        Path work = Files.createTempDirectory("retort-distill");
        try {
            double tokens = 0;
            List<Distilled> tried = new ArrayList<>();
            if (!writer.isEmpty()) {
                long some = Math.clamp(split.contexts() / SHARE, 1, MOST);
                RecordsResult made = generate(writer.getFirst(), some, tried);
                double spent = made.time().toNanos() / 1e9;
                tokens = made.tokens() / spent;
                seconds.put(DistillStage.GENERATE, spent / some * split.contexts());
            }
            if (!judge.isEmpty()) seconds.put(DistillStage.SCORE, score(judge.getFirst(), tried));
            TrainingMethod method = DistillJob.method(settings, !writer.isEmpty(), !judge.isEmpty());
            TrainSettings whole = settings.train(learned, List.of(), split.examples(), method);
            Pace pace = train(tried, method, work);
            long steps = whole.loop().steps();
            long replies = split.contexts() * (writer.isEmpty() ? 1 : 1 + settings.repliesPerContext());
            seconds.put(DistillStage.TRAIN, steps * whole.batches().batch() * pace.secondsOfExample);
            seconds.put(DistillStage.INDEX, 2 * replies * pace.secondsOfText / TRAINING_PASSES);
            seconds.put(DistillStage.REPORT,
                    2 * split.cases() * (split.candidates() + 1) * pace.secondsOfText / TRAINING_PASSES);
            return new DistillEstimate(split.contexts(), split.heldOut(), steps, tokens, new TreeMap<>(seconds),
                    memory(replies));
        } finally {
            Folders.delete(work);
        }
    }

    private RecordsResult generate(Teacher teacher, long some, List<Distilled> tried) throws IOException {
        // A model that is loaded when it is first asked must not count as slow for it.
        new GenerateJob(settings.generate(learned).withLimit(1)).run(teacher, RecordsListener.none());
        return new GenerateJob(settings.generate(learned).withLimit(some)).run(teacher, new RecordsListener<>() {
            @Override
            public void made(Distilled record) {
                tried.add(record);
            }
        });
    }

    /** Seconds to judge all candidates; those that were tried are judged in place. */
    private double score(Teacher teacher, List<Distilled> tried) {
        TeacherScoring scoring = new TeacherScoring(teacher, Map.of());
        scoring.run(tried.subList(0, 1).iterator(), _ -> {
        });
        List<Distilled> judged = new ArrayList<>();
        long started = System.nanoTime();
        scoring.run(tried.iterator(), each -> each.record().ifPresent(judged::add));
        double spent = (System.nanoTime() - started) / 1e9;
        double all = spent / tried.size() * split.contexts();
        tried.clear();
        tried.addAll(judged);
        return all;
    }

    private Pace train(List<Distilled> tried, TrainingMethod method, Path work) throws IOException {
        Path file = work.resolve("examples.jsonl");
        long examples = method == TrainingMethod.BASELINE ? dialogues(file) : distilled(file, tried);
        TrainSettings few = settings.train(file, List.of(), examples, method);
        TrainSettings.Data every = few.data();
        few = few.withData(new TrainSettings.Data(every.data(), List.of(), List.of(), every.validationCases(),
                every.history(), 0, Integer.MAX_VALUE,
                every.reading()))
                .withBatches(few.batches().withSize((int) Math.min(examples, settings.train().batches().batch()),
                        few.batches().candidates()))
                .withLoop(few.loop().withSteps(STEPS).withValidateEvery(0));
        double[] sums = new double[3]; // seconds, examples, texts
        int candidates = method == TrainingMethod.BASELINE ? 1 : few.batches().candidates();
        int negatives = few.batches().negatives();
        TrainJob.begin(few, work.resolve("student")).run(runtime, new TrainingListener() {
            @Override
            public void stepped(StepReport report) {
                if (report.number() <= COMPILING) return;
                sums[0] += report.seconds();
                sums[1] += report.examples();
                sums[2] += report.examples() * (1 + candidates) + negatives;
            }
        });
        return new Pace(sums[0] / sums[2], sums[0] / sums[1]);
    }

    private static long distilled(Path file, List<Distilled> tried) throws IOException {
        DistilledFile.FORMAT.write(file, tried);
        return tried.size();
    }

    /** Writes the first dialogues to a file, with about as many replies as training is tried on. */
    private long dialogues(Path file) throws IOException {
        List<Dialogue> first = new ArrayList<>();
        long examples = 0;
        try (SourceReader<Dialogue> reader = SourceFile.recognise(learned, settings.speakers()).dialogues()) {
            while (reader.hasNext() && examples < EXAMPLES) {
                Dialogue talk = reader.next();
                first.add(talk);
                examples += reader.speakers().of(talk, Exchanges.standard()).of(talk).count();
            }
        }
        DialogueFile.FORMAT.write(file, first);
        return examples;
    }

    /** What the measurement needed, which had teacher and student in memory, and the vectors of the index. */
    private OptionalLong memory(long replies) throws IOException {
        Long peak = ResidentMemory.peakMb();
        if (peak == null) return OptionalLong.empty();
        int dim = DistillJob.base(settings, _ -> {
        }).config().dim();
        return OptionalLong.of(peak * MEGABYTE + 2 * replies * dim * FLOAT);
    }
}
