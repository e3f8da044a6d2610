package io.retort.jobs;

import io.retort.distill.TeacherScore;
import io.retort.learn.TrainingMethod;
import java.util.Locale;

/** The methods that are compared: rows of the paper's table 1. */
public enum ComparedMethod {
    BASELINE(TrainingMethod.BASELINE, TeacherScore.LL), G2R_D(TrainingMethod.G2R_D, TeacherScore.LL),
    G2R_DM_LL(TrainingMethod.G2R_DM, TeacherScore.LL), G2R_DM_MI(TrainingMethod.G2R_DM, TeacherScore.MI);

    private final TrainingMethod recipe;
    private final TeacherScore score;

    ComparedMethod(TrainingMethod recipe, TeacherScore score) {
        this.recipe = recipe;
        this.score = score;
    }

    /** The training method by which a student of this row is made. */
    public TrainingMethod recipe() {
        return recipe;
    }

    /** The teacher's score that is distilled; of no effect unless the recipe asks for one. */
    public TeacherScore score() {
        return score;
    }

    /** The method's name in files and reports. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
