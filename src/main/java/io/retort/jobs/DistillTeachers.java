package io.retort.jobs;

import io.retort.learn.TrainingMethod;
import io.retort.lm.WeightStorage;
import io.retort.runtime.RetortRuntime;
import io.retort.teacher.LocalTeacher;
import io.retort.teacher.LocalTeacherSettings;
import io.retort.teacher.Teacher;
import java.util.List;

/**
 * Who answers and who judges in a distillation: nobody, one teacher for both, or one language model asked in two ways.
 *
 * @param writer of replies; none or one
 * @param judge  of candidates; none or one, which may be the writer
 * @param owned  those that are closed with this
 */
record DistillTeachers(List<Teacher> writer, List<Teacher> judge, List<Teacher> owned) implements AutoCloseable {
    /**
     * The language model that the settings name, which is loaded when it is first asked.
     *
     * @param weights how it keeps its weights
     */
    static DistillTeachers of(DistillSettings settings, WeightStorage weights, RetortRuntime runtime) {
        if (settings.teacher().isEmpty()) return new DistillTeachers(List.of(), List.of(), List.of());
        GenerateSettings generate = settings.generate();
        ScoreSettings score = settings.score();
        LocalTeacherSettings writing = LocalTeacherSettings.defaults().withPrompt(generate.prompt().choice())
                .withHistory(generate.history()).withBatch(generate.batch()).withBatchTokens(score.batchTokens())
                .withWeights(weights);
        LocalTeacherSettings judging = writing.withPrompt(score.prompt().choice()).withHistory(score.history());
        LocalTeacher writer = TeacherSettings.local(settings.teacher(), writing, runtime);
        if (!judges(settings)) return new DistillTeachers(List.of(writer), List.of(), List.of(writer));
        // Asked in the same way, one model in memory serves both.
        if (judging.equals(writing)) return new DistillTeachers(List.of(writer), List.of(writer), List.of(writer));
        LocalTeacher judge = TeacherSettings.local(settings.teacher(), judging, runtime);
        return new DistillTeachers(List.of(writer), List.of(judge), List.of(writer, judge));
    }

    /** A teacher of somebody else's, who closes it. */
    static DistillTeachers of(Teacher teacher, DistillSettings settings) {
        boolean judges = teacher.capabilities().judges() && judges(settings);
        return new DistillTeachers(List.of(teacher), judges ? List.of(teacher) : List.of(), List.of());
    }

    private static boolean judges(DistillSettings settings) {
        return settings.train().student().method() == TrainingMethod.G2R_DM;
    }

    /** The teacher's name; empty if there is none. */
    String name() {
        return writer.isEmpty() ? "" : writer.getFirst().name();
    }

    @Override
    public void close() {
        owned.forEach(Teacher::close);
    }
}
