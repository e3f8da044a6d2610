package io.retort.jobs;

import static io.retort.settings.InvalidSetting.unless;

import io.retort.files.BadInput;
import io.retort.generate.Decoding;
import io.retort.lm.WeightStorage;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import io.retort.teacher.LocalTeacher;
import io.retort.teacher.LocalTeacherSettings;
import io.retort.teacher.Teacher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The teacher as a judge of the replies that students chose, and as a rival in speed; the components say what each
 * setting is.
 */
public record JudgeSettings(
        @Setting(
                value = "The language model that judges chosen replies, and whose latency is compared: a GGUF file, or "
                        + "a folder of the Hugging Face Hub. Without it the report does without.",
                label = "FILE|DIR|URL", decides = false) Optional<TeacherPlace> teacher,
        ServerSettings server,
        @Setting(
                value = "How that language model keeps its weights in memory: file as they are stored, which takes the "
                        + "least memory; f32 as 32-bit numbers, 4 bytes a parameter. Scores differ in their last digits, and a "
                        + "reply in a word at times.",
                label = "FORM", decides = false,
                defaultText = "file") Optional<WeightStorage> teacherWeights,
        PromptSettings prompt,
        @Setting(value = "Contexts that the teacher answers one at a time, for its latency.",
                label = "N") int teacherReplies) {
    private static final int MOST_TOKENS = 40;

    /** @throws InvalidSetting if a value is out of its range */
    public JudgeSettings {
        TeacherSettings.requirePlace(teacher, server, "teacherWeights", teacherWeights);
        unless(teacherReplies >= 0, "teacherReplies", teacherReplies, "use 0 or more");
    }

    /** The usual settings, which name no teacher, so that nothing is judged. */
    public static JudgeSettings defaults() {
        return new JudgeSettings(Optional.empty(), ServerSettings.defaults(), Optional.empty(),
                PromptSettings.defaults(), 20);
    }

    /** A copy of these settings with a language model as the judge. */
    public JudgeSettings withTeacher(Path teacher) {
        return new JudgeSettings(Optional.of(TeacherPlace.of(teacher)), server, teacherWeights, prompt, teacherReplies);
    }

    /** A copy of these settings that asks a teacher at another place, which may be a server. */
    public JudgeSettings withTeacher(TeacherPlace teacher, ServerSettings server) {
        return new JudgeSettings(Optional.of(teacher), server, teacherWeights, prompt, teacherReplies);
    }

    /**
     * Opens the teacher that judges; empty if the settings name none.
     *
     * @param history newest turns that it reads
     */
    Optional<Teacher> open(RetortRuntime runtime, int history) throws IOException {
        if (teacher.isEmpty()) return Optional.empty();
        LocalTeacherSettings asked = LocalTeacherSettings.defaults().withPrompt(prompt.choice()).withHistory(history);
        Teacher judge = TeacherSettings.open(teacher, server, asked, teacherWeights, Optional.empty(), "", runtime,
                _ -> {
                });
        try {
            judge.requireJudges();
            return Optional.of(judge);
        } catch (BadInput e) {
            judge.close();
            throw e;
        }
    }

    /**
     * Says how a teacher is asked: replies of its own are sampled as {@link GenerateJob} samples them.
     *
     * @param history newest turns that it reads
     */
    TeacherOpinion.Asking asking(Teacher judge, int history) {
        Decoding decoding = new Decoding.Sampling(DecodingSettings.REPLY_TEMPERATURE, 0, DecodingSettings.USUAL_TOP_P,
                0);
        return new TeacherOpinion.Asking(judge, decoding, MOST_TOKENS, teacherReplies, identity(judge, history));
    }

    /** What decides what the teacher says. Of a language model it is told as version 0.1 told it. */
    private Map<String, Object> identity(Teacher judge, int history) {
        if (!(judge instanceof LocalTeacher)) return Provenance.of(judge);
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("sha256", judge.fingerprint());
        facts.put("prompt", prompt.choice().provenance());
        facts.put("history", history);
        return facts;
    }
}
