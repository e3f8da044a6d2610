package io.retort.jobs;

import io.retort.learn.TrainingMethod;
import io.retort.lm.WeightStorage;
import io.retort.runtime.RetortRuntime;
import io.retort.teacher.LocalTeacher;
import io.retort.teacher.LocalTeacherSettings;
import io.retort.teacher.Teacher;
import io.retort.teacher.remote.RemoteTeacher;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Who answers and who judges in a distillation: nobody, one teacher for both, or one language model asked in two ways.
 *
 * @param writer of replies; none or one
 * @param judge  of candidates; none or one, which may be the writer
 * @param owned  those that are closed with this
 */
record DistillTeachers(List<Teacher> writer, List<Teacher> judge, List<Teacher> owned) implements AutoCloseable {
    /**
     * The teacher that the settings name: a language model, loaded when it is first asked, or a server.
     *
     * @param weights how it keeps its weights
     * @param noted   told of how it keeps them, or what a server can do
     */
    static DistillTeachers of(DistillSettings settings, WeightStorage weights, RetortRuntime runtime,
            Consumer<String> noted) {
        if (settings.teacher().isEmpty()) return new DistillTeachers(List.of(), List.of(), List.of());
        GenerateSettings generate = settings.generate();
        ScoreSettings score = settings.score();
        LocalTeacherSettings writing = LocalTeacherSettings.defaults().withPrompt(generate.prompt().choice())
                .withHistory(generate.history()).withBatch(generate.batch()).withBatchTokens(score.batchTokens())
                .withWeights(weights);
        LocalTeacherSettings judging = writing.withPrompt(score.prompt().choice()).withHistory(score.history());
        Optional<URI> server = settings.teacher().get().address();
        if (server.isPresent()) return remote(server.get(), settings, writing, judging, noted);
        LocalTeacher writer = LocalTeacher.whenAsked(settings.teacher().get().path(), writing, runtime);
        TeacherSettings.tell(writer, noted);
        if (!judges(settings)) return new DistillTeachers(List.of(writer), List.of(), List.of(writer));
        // Asked in the same way, one model in memory serves both.
        if (judging.equals(writing)) return new DistillTeachers(List.of(writer), List.of(writer), List.of(writer));
        LocalTeacher judge = LocalTeacher.whenAsked(settings.teacher().get().path(), judging, runtime);
        return new DistillTeachers(List.of(writer), List.of(judge), List.of(writer, judge));
    }

    private static DistillTeachers remote(URI server, DistillSettings settings, LocalTeacherSettings writing,
            LocalTeacherSettings judging, Consumer<String> noted) {
        RemoteTeacher writer = TeacherSettings.remote(server, settings.server(), writing.prompt(), writing.history(),
                noted);
        if (!judges(settings)) return new DistillTeachers(List.of(writer), List.of(), List.of(writer));
        boolean isAskedAlike = writing.prompt().equals(judging.prompt()) && writing.history() == judging.history();
        RemoteTeacher judge = isAskedAlike
                ? writer
                : TeacherSettings.remote(server, settings.server(), judging.prompt(), judging.history(), noted);
        if (!judge.capabilities().judges()) {
            noted.accept("since the teacher cannot judge replies, the student learns from what it writes alone");
        }
        return new DistillTeachers(List.of(writer), judge.capabilities().judges() ? List.of(judge) : List.of(),
                isAskedAlike ? List.of(writer) : List.of(writer, judge));
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
