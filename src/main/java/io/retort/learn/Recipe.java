package io.retort.learn;

import io.retort.distill.TeacherScore;
import io.retort.settings.InvalidSetting;
import java.util.Optional;

/**
 * What a retrieval student learns from: which candidates count as right, which teacher's score, and which loss.
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
     * A recipe with the loss that the paper uses for the method.
     *
     * @throws InvalidSetting if a number is out of range
     */
    public Recipe(TrainingMethod method, TeacherScore score, double alpha, double temperature) {
        this(method, score, alpha, temperature, Optional.empty());
    }

    /** A copy of this recipe that minimises another loss over the same data and candidates. */
    public Recipe withLoss(Loss loss) {
        return new Recipe(method, score, alpha, temperature, Optional.of(loss));
    }

    /** The loss that training minimises: the one that was given, else that of the method. */
    public Loss loss() {
        return ownLoss.orElseGet(() -> switch (method) {
            case BASELINE -> new SampledCrossEntropy();
            case G2R_D -> new MultiPositiveCrossEntropy();
            case G2R_DM -> new DistillationMix(alpha, new Distillation(temperature));
        });
    }

    /** Whether the replies that the teacher generated are candidates, beside the original reply. */
    public boolean generated() {
        return method != TrainingMethod.BASELINE;
    }

    /** The teacher's score that every candidate must carry in the data; empty if the loss asks for none. */
    public Optional<TeacherScore> teacher() {
        return method == TrainingMethod.G2R_DM ? Optional.of(score) : Optional.empty();
    }
}
