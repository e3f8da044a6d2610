package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.train.Adam;
import io.retort.train.AdamW;
import io.retort.train.Adamax;
import io.retort.train.Optimizer;
import io.retort.train.Schedule;
import java.util.Locale;
import picocli.CommandLine.Option;

/** By which rule and at which rate weights change. */
final class OptimizerOptions {
    /** Rules by name. */
    enum Rule {
        ADAM, ADAMW, ADAMAX;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Schedules by name. */
    enum Curve {
        CONSTANT, LINEAR, COSINE, INVERSE_SQRT, PLATEAU;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @Option(names = "--optimizer", paramLabel = "NAME", defaultValue = "adamw",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Rule rule;

    @Option(names = "--learning-rate", paramLabel = "R", defaultValue = "5e-5",
            description = "At its highest. Default: ${DEFAULT-VALUE}.")
    double learningRate;

    @Option(names = "--schedule", paramLabel = "NAME", defaultValue = "linear",
            description = "How the rate falls after the warm-up: ${COMPLETION-CANDIDATES}; linear and cosine reach 0 "
                    + "at the end. Default: ${DEFAULT-VALUE}.")
    private Curve curve;

    @Option(names = "--warmup", paramLabel = "N", defaultValue = "100",
            description = "Steps in which the rate rises from 0. Default: ${DEFAULT-VALUE}.")
    private long warmUp;

    @Option(names = "--plateau-patience", paramLabel = "N", defaultValue = "1",
            description = "With plateau: validations without a better one that are borne. Default: ${DEFAULT-VALUE}.")
    private int plateauPatience;

    @Option(names = "--plateau-factor", paramLabel = "F", defaultValue = "0.5",
            description = "With plateau: what the rate is multiplied by then. Default: ${DEFAULT-VALUE}.")
    private double plateauFactor;

    @Option(names = "--clip", paramLabel = "NORM", defaultValue = "1",
            description = "Greatest norm of all gradients together; 0 for any. Default: ${DEFAULT-VALUE}.")
    private double clip;

    @Option(names = "--weight-decay", paramLabel = "D",
            description = "Decoupled with adamw, L2 with the others. Default: 0.01 with adamw, else 0.")
    private Double givenDecay;

    @Option(names = "--decay", paramLabel = "WHICH", defaultValue = "matrices",
            description = "Which weights decay: ${COMPLETION-CANDIDATES} (biases and norms do not). "
                    + "Default: ${DEFAULT-VALUE}.")
    private Optimizer.Decayed decay;

    @Option(names = "--beta1", paramLabel = "B", defaultValue = "0.9", description = "Default: ${DEFAULT-VALUE}.")
    private double beta1;

    @Option(names = "--beta2", paramLabel = "B", defaultValue = "0.999", description = "Default: ${DEFAULT-VALUE}.")
    private double beta2;

    @Option(names = "--epsilon", paramLabel = "E", defaultValue = "1e-8", description = "Default: ${DEFAULT-VALUE}.")
    private double epsilon;

    Optimizer optimizer() {
        require(beta1 >= 0 && beta1 < 1, "--beta1", beta1, "0 or more, less than 1");
        require(beta2 >= 0 && beta2 < 1, "--beta2", beta2, "0 or more, less than 1");
        require(epsilon > 0 && epsilon < 1, "--epsilon", epsilon, "more than 0, less than 1");
        double weightDecay = givenDecay != null ? givenDecay : rule == Rule.ADAMW ? 0.01 : 0;
        require(weightDecay >= 0 && weightDecay <= 1, "--weight-decay", weightDecay, "0 to 1");
        Optimizer.Settings settings = new Optimizer.Settings(beta1, beta2, epsilon, weightDecay, decay);
        return switch (rule) {
            case ADAM -> new Adam(settings);
            case ADAMW -> new AdamW(settings);
            case ADAMAX -> new Adamax(settings);
        };
    }

    /**
     * @param steps of the whole run
     */
    Schedule schedule(long steps) {
        require(warmUp >= 0, "--warmup", warmUp, "0 or more");
        require(plateauPatience >= 0, "--plateau-patience", plateauPatience, "0 or more");
        require(plateauFactor > 0 && plateauFactor < 1, "--plateau-factor", plateauFactor, "more than 0, less than 1");
        return switch (curve) {
            case CONSTANT -> new Schedule.Constant(warmUp);
            case LINEAR -> new Schedule.Linear(warmUp, steps);
            case COSINE -> new Schedule.Cosine(warmUp, steps);
            case INVERSE_SQRT -> new Schedule.InverseSquareRoot(warmUp);
            case PLATEAU -> new Schedule.ReduceOnPlateau(warmUp, plateauPatience, plateauFactor);
        };
    }

    double clip() {
        require(clip >= 0, "--clip", clip, "0 or more");
        return clip == 0 ? Double.POSITIVE_INFINITY : clip;
    }

    private static void require(boolean holds, String name, Object value, String remedy) {
        if (!holds) throw BadInput.of(name + " " + value, "use " + remedy);
    }
}
