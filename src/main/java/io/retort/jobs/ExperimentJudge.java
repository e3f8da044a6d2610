package io.retort.jobs;

import io.retort.experiment.ExperimentFolder;
import io.retort.experiment.Measurement;
import io.retort.experiment.Measuring;
import io.retort.experiment.TeacherOpinion;
import io.retort.files.Progress;
import io.retort.generate.Decoding;
import io.retort.runtime.RetortRuntime;
import io.retort.teacher.LocalTeacher;
import io.retort.teacher.LocalTeacherSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The teacher of an experiment: it judges the replies that models chose, and its own latency is measured.
 *
 * @param history newest turns that it reads
 */
record ExperimentJudge(ExperimentSettings.Judge settings, int history) {
    /** Its own replies are sampled as {@link GenerateJob} samples them. */
    private static final Decoding DECODING = DecodingSettings.defaults().ofReplies();
    private static final int MOST_TOKENS = 40;

    TeacherOpinion opinion(Measuring measuring, Measurement base, Collection<Measurement> measured,
            ExperimentFolder folder, RetortRuntime runtime, Progress progress) throws IOException {
        List<List<String>> replies = new ArrayList<>(List.of(base.replies()));
        measured.forEach(measurement -> replies.add(measurement.replies()));
        LocalTeacherSettings asked = LocalTeacherSettings.defaults().withPrompt(settings.choice()).withHistory(history);
        try (LocalTeacher teacher = LocalTeacher.open(settings.teacher().orElseThrow(), asked, runtime)) {
            return TeacherOpinion.of(new TeacherOpinion.Asking(teacher, DECODING, MOST_TOKENS,
                    settings.teacherReplies(), identity(teacher)), measuring.contexts(), replies, folder, progress);
        }
    }

    /** What decides what it says, as version 0.1 told it, whose experiments go on. */
    private Map<String, Object> identity(LocalTeacher teacher) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("sha256", teacher.fingerprint());
        facts.put("prompt", settings.choice().provenance());
        facts.put("history", history);
        return facts;
    }
}
