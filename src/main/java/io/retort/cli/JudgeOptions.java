package io.retort.cli;

import io.retort.experiment.TeacherOpinion;
import io.retort.files.BadInput;
import io.retort.generate.Decoding;
import io.retort.generate.Teacher;
import io.retort.generate.TeacherFingerprint;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The teacher as a judge of replies, and as a rival in speed. */
final class JudgeOptions {
    private static final int MOST_TOKENS = 40;

    @Option(names = "--teacher", paramLabel = "FILE|DIR",
            description = "The language model that judges chosen replies, and whose latency is compared: a GGUF file, "
                    + "or a folder of the Hugging Face Hub. Without it the report does without.")
    Path teacher;

    @Mixin
    private final PromptForm prompt = new PromptForm();

    @Option(names = "--teacher-replies", paramLabel = "N", defaultValue = "20",
            description = "Contexts that the teacher answers one at a time, for its latency. Default: ${DEFAULT-VALUE}.")
    private int timed;

    /** What tells the teacher from others; empty if there is none. */
    Optional<String> digest() throws IOException {
        return teacher == null ? Optional.empty() : Optional.of(TeacherFingerprint.of(teacher));
    }

    /**
     * How the teacher is asked: replies of its own are sampled as `retort generate` samples them.
     *
     * @param history newest turns that it reads
     */
    TeacherOpinion.Asking asking(Teacher open, int history) throws IOException {
        if (timed < 0) throw BadInput.of("--teacher-replies " + timed, "use 0 or more");
        int half = open.model().contextLength() / 2;
        Decoding decoding = new Decoding.Sampling(DecodingOptions.REPLY_TEMPERATURE, 0, DecodingOptions.TOP_P, 0);
        Map<String, Object> made = new LinkedHashMap<>();
        made.put("sha256", TeacherFingerprint.of(teacher));
        made.put("prompt", prompt.provenance());
        made.put("history", history);
        ObjectNode provenance = new ObjectMapper().valueToTree(made);
        return new TeacherOpinion.Asking(open, prompt.encoder(open, half), history, half, decoding, MOST_TOKENS, timed,
                provenance);
    }
}
