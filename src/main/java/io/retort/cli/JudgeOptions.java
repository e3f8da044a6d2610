package io.retort.cli;

import io.retort.generate.PromptChoice;
import io.retort.jobs.JudgeSettings;
import io.retort.jobs.PromptSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The teacher as a judge of replies, and as a rival in speed. */
final class JudgeOptions {
    @Option(names = "--teacher", paramLabel = "FILE|DIR",
            description = "The language model that judges chosen replies, and whose latency is compared: a GGUF file, "
                    + "or a folder of the Hugging Face Hub. Without it the report does without.")
    private Path teacher;

    @Option(names = "--prompt", paramLabel = "FORM", defaultValue = "continuation",
            description = "continuation (lines `A: ...` and `B: ...` to be gone on with) or chat (the model's chat "
                    + "template). Default: ${DEFAULT-VALUE}.")
    private PromptChoice.Form form;

    @Option(names = "--instruction", paramLabel = "TEXT",
            description = "What is asked of the teacher: a line before the conversation, or the chat's system message. "
                    + "Default: none, or with chat to answer in one or two short casual sentences as a person.")
    private String instruction;

    @Option(names = "--persona", paramLabel = "TEXT",
            description = "Who replies, in a sentence about B: \"B is a nurse and has two dogs.\"; for chat about you: "
                    + "\"You are a nurse.\" Comes after the instruction; may be given several times.")
    private List<String> personas = List.of();

    @Option(names = "--teacher-replies", paramLabel = "N", defaultValue = "20",
            description = "Contexts that the teacher answers one at a time, for its latency. Default: ${DEFAULT-VALUE}.")
    private int timed;

    JudgeSettings settings() {
        return new JudgeSettings(Optional.ofNullable(teacher),
                new PromptSettings(form, Optional.ofNullable(instruction), personas), timed);
    }
}
