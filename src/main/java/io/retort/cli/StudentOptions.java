package io.retort.cli;

import io.retort.distill.Recipe;
import io.retort.distill.TeacherScore;
import io.retort.files.BadInput;
import io.retort.model.DotScoring;
import io.retort.model.ModelFolder;
import io.retort.model.PolyScoring;
import io.retort.model.StudentForm;
import io.retort.model.TrainableStudent;
import io.retort.simd.WorkerPool;
import io.retort.train.RetrievalSettings;
import io.retort.train.RetrievalTask;
import io.retort.train.TrainingTask;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a retrieval student is trained: method, loss, form. */
final class StudentOptions {
    private static final double HALF_DROPPED = 0.5;
    /** The paper's. */
    private static final int USUAL_BATCH = 48;

    @Option(names = "--method", paramLabel = "NAME", defaultValue = "baseline",
            description = "baseline (original replies), g2r-d (the teacher's replies are positives, too), g2r-dm (its "
                    + "scores are distilled, too). Default: ${DEFAULT-VALUE}.")
    private Recipe.Method method;

    @Option(names = "--score", paramLabel = "NAME", defaultValue = "ll",
            description = "The teacher's score that is distilled: ll (log-likelihood a token) or mi (mutual "
                    + "information). Default: ${DEFAULT-VALUE}.")
    private TeacherScore score;

    @Option(names = "--alpha", paramLabel = "A", defaultValue = "0.1",
            description = "Share of distillation in the loss of g2r-dm. Default: ${DEFAULT-VALUE}.")
    private double alpha;

    @Option(names = "--temperature", paramLabel = "T", defaultValue = "1",
            description = "Of the teacher's softmax over a context's candidates. Default: ${DEFAULT-VALUE}.")
    private double temperature;

    @Option(names = "--form", paramLabel = "NAME", defaultValue = "as-is",
            description = "The student: as-is (what --model is), tied or untied (a bi-encoder), poly or untied-poly (a "
                    + "poly-encoder). Default: ${DEFAULT-VALUE}.")
    private String form;

    @Option(names = "--codes", paramLabel = "N", defaultValue = "64",
            description = "Codes of a poly-encoder. Default: ${DEFAULT-VALUE}.")
    private int codes;

    @Option(names = "--scale", paramLabel = "S",
            description = "Factor of the scores in the loss. Default: 20 for cosines, 1 for dot products.")
    private Double scale;

    @Option(names = "--dropout", paramLabel = "P", defaultValue = "0.1",
            description = "Of embeddings and of the outputs of attention and feed-forward blocks. "
                    + "Default: ${DEFAULT-VALUE}.")
    private double dropout;

    @Option(names = "--context-tokens", paramLabel = "N", defaultValue = "128",
            description = "Most tokens of a context, in training and ever after. Default: ${DEFAULT-VALUE}.")
    private int contextTokens;

    @Option(names = "--reply-tokens", paramLabel = "N", defaultValue = "64",
            description = "Most tokens of a reply, likewise. Default: ${DEFAULT-VALUE}.")
    private int replyTokens;

    @Option(names = "--min-words", paramLabel = "N", defaultValue = "3",
            description = "Leave out examples whose original reply has fewer words. Default: ${DEFAULT-VALUE}.")
    private int minimumWords;

    @Option(names = "--most-of-a-reply", paramLabel = "N", defaultValue = "20",
            description = "Leave out further examples with the same original reply. Default: ${DEFAULT-VALUE}.")
    private int mostOfAReply;

    @Mixin
    private final TrainingBatchOptions batches = new TrainingBatchOptions();

    TrainingTask open(ModelOption model, TrainingInputs inputs, WorkerPool pool) throws IOException {
        if (!(dropout >= 0 && dropout <= HALF_DROPPED)) throw BadInput.of("--dropout " + dropout, "use 0 to 0.5");
        ModelFolder base = model.folder();
        StudentForm student = form();
        double factor = scale == null ? RetrievalSettings.usualScale(student.of(base.config())) : scale;
        if (!(factor > 0 && factor <= 1000)) throw BadInput.of("--scale " + factor, "use more than 0, at most 1000");
        TrainableStudent.Settings passes = batches.passes(factor, dropout, inputs.tokensAtOnce());
        RetrievalSettings settings = new RetrievalSettings(new Recipe(method, score, alpha, temperature), student,
                inputs.history, minimumWords, mostOfAReply, contextTokens, replyTokens,
                batches.batches(inputs.batch(USUAL_BATCH), inputs), passes, batches.mining());
        RetrievalTask task = RetrievalTask.open(base, inputs.data(), inputs.validation, inputs.validationCases(),
                settings, model.engine(), pool);
        if (task.unknownNegatives() > 0) {
            System.err.println("retort: " + task.unknownNegatives()
                    + " lines of --negatives-from are of no context that is trained on");
        }
        return task;
    }

    private StudentForm form() {
        if (codes < 1) throw BadInput.of("--codes " + codes, "use 1 or more, usually 16 to 360");
        return switch (form.toLowerCase(Locale.ROOT)) {
            case "as-is" -> new StudentForm.AsItIs();
            case "tied" -> new StudentForm.Scored(new DotScoring(), true);
            case "untied" -> new StudentForm.Scored(new DotScoring(), false);
            case "poly" -> new StudentForm.Scored(new PolyScoring(codes), true);
            case "untied-poly" -> new StudentForm.Scored(new PolyScoring(codes), false);
            default -> throw BadInput.of("--form " + form, "use as-is, tied, untied, poly or untied-poly");
        };
    }
}
