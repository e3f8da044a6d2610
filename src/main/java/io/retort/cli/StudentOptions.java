package io.retort.cli;

import io.retort.distill.Recipe;
import io.retort.distill.TeacherScore;
import io.retort.distill.WeightedFile;
import io.retort.files.BadInput;
import io.retort.model.ModelConfig;
import io.retort.model.ModelFolder;
import io.retort.model.StudentForm;
import io.retort.simd.WorkerPool;
import io.retort.train.RetrievalSettings;
import io.retort.train.RetrievalTask;
import io.retort.train.TrainingTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a retrieval student is trained: recipe, data, form. */
final class StudentOptions {
    @Option(names = "--method", paramLabel = "NAME", defaultValue = "baseline",
            description = "${COMPLETION-CANDIDATES}: original replies alone, the teacher's as well, its scores too. "
                    + "Default: ${DEFAULT-VALUE}.")
    private Recipe.Method method;

    @Option(names = {"-d", "--data"}, arity = "1..*", paramLabel = "FILE[@W]",
            description = "Dialogues or distilled data, JSONL, also gzipped. @0.5 takes half of a file each epoch.")
    private List<String> data = new ArrayList<>();

    @Option(names = "--validate", arity = "1..*", paramLabel = "FILE",
            description = "Ranking tests, of which the mean hits@1 tells the best checkpoint.")
    private List<Path> validation = new ArrayList<>();

    @Option(names = "--validate-cases", paramLabel = "N", description = "Only the first N of each. Default: all.")
    private Integer cases;

    @Option(names = "--score", paramLabel = "NAME", defaultValue = "ll",
            description = "With g2r-dm: the teacher's score, ll or mi. Default: ${DEFAULT-VALUE}.")
    private TeacherScore score;

    @Option(names = "--alpha", paramLabel = "A", defaultValue = "0.1",
            description = "With g2r-dm: share of distillation in the loss. Default: ${DEFAULT-VALUE}.")
    private double alpha;

    @Option(names = "--temperature", paramLabel = "T", defaultValue = "1",
            description = "With g2r-dm: of the teacher's softmax. Default: ${DEFAULT-VALUE}.")
    private double temperature;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "Of everything that is drawn. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--history", paramLabel = "N", defaultValue = "20",
            description = "Most turns of a context. Default: ${DEFAULT-VALUE}.")
    private int history;

    @Option(names = "--min-words", paramLabel = "N", defaultValue = "1",
            description = "Leave out examples whose original reply has fewer words. Default: ${DEFAULT-VALUE}.")
    private int minimumWords;

    @Option(names = "--most-of-a-reply", paramLabel = "N",
            description = "Leave out further examples with the same original reply. Default: none.")
    private Integer mostOfAReply;

    @Option(names = "--max-context-tokens", paramLabel = "N",
            description = "In training; older turns are cut. Default: the model's own limit.")
    private Integer contextTokens;

    @Option(names = "--max-reply-tokens", paramLabel = "N",
            description = "In training. Default: the model's own limit.")
    private Integer replyTokens;

    @Option(names = "--untied",
            description = "Give contexts and replies encoders of their own, both begun from the model.")
    private boolean untied;

    @Option(names = "--codes", paramLabel = "N",
            description = "Make a poly-encoder of so many codes. Default: the model's own form.")
    private Integer codes;

    @Mixin
    private final BatchDrawOptions draw = new BatchDrawOptions();
    @Mixin
    private final PassOptions passes = new PassOptions();

    /** Reads data and model. */
    TrainingTask open(ModelOption model, WorkerPool pool) throws IOException {
        if (data.isEmpty()) throw BadInput.of("--data is missing", "name files to train on");
        if (cases != null && cases < 1) throw BadInput.of("--validate-cases " + cases, "use 1 or more");
        ModelFolder base = model.folder();
        List<WeightedFile> files = data.stream().map(WeightedFile::parse).toList();
        return RetrievalTask.open(base, files, validation, cases == null ? Integer.MAX_VALUE : cases,
                settings(base.config()), model.engine(), pool);
    }

    boolean validates() {
        return !validation.isEmpty();
    }

    private RetrievalSettings settings(ModelConfig config) {
        return new RetrievalSettings(new Recipe(method, score, alpha, temperature), form(), history, minimumWords,
                mostOfAReply == null ? Integer.MAX_VALUE : mostOfAReply,
                contextTokens == null ? config.text().maxContextTokens() : contextTokens,
                replyTokens == null ? config.text().maxReplyTokens() : replyTokens, draw.settings(seed),
                passes.settings(config), draw.mining());
    }

    private StudentForm form() {
        if (codes != null) return new StudentForm.PolyEncoder(!untied, codes);
        return untied ? new StudentForm.BiEncoder(false) : new StudentForm.AsItIs();
    }
}
