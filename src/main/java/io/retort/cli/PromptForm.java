package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.generate.PromptChoice;
import io.retort.generate.PromptEncoder;
import io.retort.generate.PromptFormat;
import io.retort.generate.Teacher;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What stands around a context that is put to the teacher. */
class PromptForm {
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

    /** The format, with these lines before all others. */
    final PromptFormat format(Teacher teacher) {
        return choice().format(teacher.name(), teacher.chatTemplate(), teacher.control(), teacher.tokenizer());
    }

    private PromptChoice choice() {
        return new PromptChoice(form, Optional.ofNullable(instruction), personas);
    }

    /** Writes prompts that leave room for so many tokens. */
    final PromptEncoder encoder(Teacher teacher, int room) {
        return new PromptEncoder(format(teacher), teacher.tokenizer(), longest(teacher, room));
    }

    /** Most tokens of a prompt that leaves room for so many. */
    static int longest(Teacher teacher, int room) {
        int longest = teacher.model().contextLength() - room;
        if (longest < 1) {
            throw BadInput.of("the teacher reads " + teacher.model().contextLength() + " tokens, and replies may have "
                    + room, "allow replies fewer tokens");
        }
        return longest;
    }

    /** What is told of the prompt in what it leads to. */
    Map<String, Object> provenance() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("form", form.name().toLowerCase(java.util.Locale.ROOT));
        List<String> header = choice().header();
        if (!header.isEmpty()) facts.put("header", header);
        return facts;
    }
}
