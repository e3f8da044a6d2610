package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.generate.PromptChoice;
import io.retort.model.LowRank;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.train.GeneratorSettings;
import io.retort.train.GeneratorTask;
import io.retort.train.TrainingTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a generator is tuned. */
final class TuningOptions {
    private static final int USUAL_BATCH = 12;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "160",
            description = "A generator: most tokens of a text; longer dialogues are cut between turns. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int maxTokens;

    @Option(names = "--weights", paramLabel = "TYPE", defaultValue = "f32",
            description = "A generator: how its weights are stored in the end, f32, bf16 or f16. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String weights;

    @Option(names = "--lora", paramLabel = "RANK", defaultValue = "0",
            description = "A generator of the Llama family: train low-rank adapters of all matrices of its layers "
                    + "instead of its weights; 0 for the weights. Default: ${DEFAULT-VALUE}.")
    private int rank;

    @Option(names = "--lora-alpha", paramLabel = "A",
            description = "With --lora: the adapters' factor times their rank. Default: twice the rank.")
    private Double alpha;

    TrainingTask open(ModelOption model, TrainingInputs inputs, PromptChoice prompt, WorkerPool pool)
            throws IOException {
        GeneratorSettings settings = new GeneratorSettings(inputs.batch(USUAL_BATCH), maxTokens, inputs.history,
                inputs.tokensAtOnce(), floats(), inputs.seed, adapters(), prompt);
        return GeneratorTask.open(Path.of(model.model), inputs.data(), inputs.validation, inputs.validationCases(),
                settings, model.engine(), pool);
    }

    private Optional<LowRank> adapters() {
        if (rank < 0) throw BadInput.of("--lora " + rank, "use 1 or more, usually 8 to 64, or 0");
        if (rank == 0 && alpha != null) throw BadInput.of("--lora-alpha without --lora", "give a rank");
        return rank == 0 ? Optional.empty() : Optional.of(new LowRank(rank, alpha == null ? 2.0 * rank : alpha));
    }

    private ElementType floats() {
        return switch (weights.toLowerCase(Locale.ROOT)) {
            case "f32" -> ElementType.F32;
            case "bf16" -> ElementType.BF16;
            case "f16" -> ElementType.F16;
            default -> throw BadInput.of("--weights " + weights, "use f32, bf16 or f16");
        };
    }
}
