package io.retort.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.experiment.ExperimentFolder;
import io.retort.experiment.Measurement;
import io.retort.experiment.Measuring;
import io.retort.experiment.TeacherOpinion;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.generate.Decoding;
import io.retort.generate.PromptEncoder;
import io.retort.generate.Teacher;
import io.retort.generate.TeacherFingerprint;
import io.retort.graph.ComputeRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The teacher of an experiment: it judges the replies that models chose, and its own latency is measured.
 *
 * @param history newest turns that it reads
 */
record ExperimentJudge(ExperimentSettings.Judge settings, int history) {
    /** Its own replies are sampled as `retort generate` samples them. */
    private static final Decoding DECODING = new Decoding.Sampling(0.8, 0, 0.9, 0);
    private static final int MOST_TOKENS = 40;

    TeacherOpinion opinion(Measuring measuring, Measurement base, Collection<Measurement> measured,
            ExperimentFolder folder, ComputeRuntime runtime, Progress progress) throws IOException {
        Path path = settings.teacher().orElseThrow();
        List<List<String>> replies = new ArrayList<>(List.of(base.replies()));
        measured.forEach(measurement -> replies.add(measurement.replies()));
        try (Teacher teacher = Teacher.open(path, runtime.engine())) {
            return TeacherOpinion.of(asking(teacher, path), measuring.contexts(), replies, folder, progress);
        }
    }

    private TeacherOpinion.Asking asking(Teacher teacher, Path path) throws IOException {
        int length = teacher.model().contextLength(), half = length / 2;
        if (length - half < 1) throw BadInput.in(path, "reads " + length + " tokens", "use another teacher");
        PromptEncoder prompts = new PromptEncoder(settings.choice().format(teacher.name(), teacher.chatTemplate(),
                teacher.control(), teacher.tokenizer()), teacher.tokenizer(), length - half);
        return new TeacherOpinion.Asking(teacher, prompts, history, half, DECODING, MOST_TOKENS,
                settings.teacherReplies(), provenance(path));
    }

    /** What decides what it says. */
    private ObjectNode provenance(Path path) throws IOException {
        Map<String, Object> prompt = new LinkedHashMap<>();
        prompt.put("form", settings.prompt().name().toLowerCase(Locale.ROOT));
        List<String> header = settings.choice().header();
        if (!header.isEmpty()) prompt.put("header", header);
        Map<String, Object> made = new LinkedHashMap<>();
        made.put("sha256", TeacherFingerprint.of(path));
        made.put("prompt", prompt);
        made.put("history", history);
        return new ObjectMapper().valueToTree(made);
    }
}
