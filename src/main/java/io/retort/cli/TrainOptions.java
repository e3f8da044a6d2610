package io.retort.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.generate.PromptChoice;
import io.retort.simd.WorkerPool;
import io.retort.train.Schedule;
import io.retort.train.TrainingSettings;
import io.retort.train.TrainingTask;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Everything that decides what a training run gives: the keys of its config file. */
class TrainOptions {
    /** Settings that change no result, and so may change when a run is resumed. */
    static final Set<String> FREE = Set.of("threads", "keep", "checkpoint-every", "checkpoint-minutes", "report-every");

    /** What can be trained. */
    enum Task {
        RETRIEVAL, GENERATOR;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(names = "--task", paramLabel = "NAME", defaultValue = "retrieval",
            description = "What is trained: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Task task;

    @Mixin
    private final ModelOption model = new ModelOption();
    @Mixin
    private final TrainingInputs inputs = new TrainingInputs();
    @Mixin
    private final StudentOptions student = new StudentOptions();
    @Mixin
    private final TuningOptions tuning = new TuningOptions();
    @Mixin
    private final RunLengthOptions length = new RunLengthOptions();
    @Mixin
    private final OptimizerOptions optimizer = new OptimizerOptions();

    /** Options with the effective settings. */
    record Effective(TrainOptions options, ObjectNode config) {
    }

    /**
     * @param given what the command line said
     */
    static Effective of(ConfigFile file, List<OptionSpec> given) {
        TrainOptions options = new SingleRunOptions();
        return new Effective(options, ConfigFile.values(file.apply(options, given)));
    }

    /**
     * @throws BadInput if a setting is out of range, or asks for validations that there are not
     */
    final TrainingSettings settings() {
        TrainingSettings settings = length.settings(optimizer);
        boolean validates = settings.validateEvery() > 0 && inputs.validates();
        if (!validates && settings.schedule() instanceof Schedule.ReduceOnPlateau)
            throw BadInput.of("--schedule plateau without validation", "give --validate-on, or another schedule");
        if (!validates && settings.patience() > 0)
            throw BadInput.of("--patience without validation", "give --validate-on");
        return settings;
    }

    final ModelOption model() {
        return model;
    }

    final TrainingInputs inputs() {
        return inputs;
    }

    /** In which form a generator learns dialogues. */
    PromptChoice prompt() {
        return PromptChoice.usual();
    }

    /** What is to be trained, ready for its first step. */
    final TrainingTask open(WorkerPool pool) throws IOException {
        return switch (task) {
            case RETRIEVAL -> student.open(model, inputs, pool);
            case GENERATOR -> tuning.open(model, inputs, prompt(), pool);
        };
    }
}
