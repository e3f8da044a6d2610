package io.retort.learn;

import io.retort.distill.TeacherScore;
import io.retort.settings.InvalidSetting;
import java.util.Optional;

/**
 * What a student learns from.
 *
 * @param score the teacher's score that is distilled; G2R-DM alone asks for one
 * @param alpha share of distillation in the loss of G2R-DM, 0 to 1; 0.1 in the paper
 * @param temperature of the teacher's softmax; 1 in the paper
 * @param ownLoss in place of the method's; empty for that of the paper
 */
public record Recipe(TrainingMethod method, TeacherScore score, double alpha, double temperature,
        Optional<Loss> ownLoss) {
    /**
     * @throws InvalidSetting if a number is out of range
     */
    public Recipe {
        InvalidSetting.unless(alpha >= 0 && alpha <= 1, "alpha", alpha, "use 0 to 1");
        InvalidSetting.unless(temperature > 0 && temperature <= 1000, "temperature", temperature,
                "use more than 0, at most 1000");
    }

    /**
     * With the loss that the method has in the paper.
     *
     * @throws InvalidSetting if a number is out of range
     */
    public Recipe(TrainingMethod method, TeacherScore score, double alpha, double temperature) {
        this(method, score, alpha, temperature, Optional.empty());
    }

    /** The same data and candidates under another loss. */
    public Recipe withLoss(Loss loss) {
        return new Recipe(method, score, alpha, temperature, Optional.of(loss));
    }

    /** The loss. */
    public Loss loss() {
        return ownLoss.orElseGet(() -> switch (method) {
            case BASELINE -> new SampledCrossEntropy();
            case G2R_D -> new MultiPositiveCrossEntropy();
            case G2R_DM -> new DistillationMix(alpha, new Distillation(temperature));
        });
    }

    /** Whether the teacher's replies are candidates. */
    public boolean generated() {
        return method != TrainingMethod.BASELINE;
    }

    /** The teacher's score that every candidate must have. */
    public Optional<TeacherScore> teacher() {
        return method == TrainingMethod.G2R_DM ? Optional.of(score) : Optional.empty();
    }
}
