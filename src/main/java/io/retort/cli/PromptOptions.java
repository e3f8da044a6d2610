package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.generate.Chat;
import io.retort.generate.Continuation;
import io.retort.generate.PromptEncoder;
import io.retort.generate.PromptFormat;
import io.retort.generate.Teacher;
import io.retort.text.ChatTemplate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** How a context is put to the teacher. */
final class PromptOptions {
    /** The forms of a prompt. */
    enum Form { CONTINUATION, CHAT }

    @Option(names = "--prompt", paramLabel = "FORM", defaultValue = "continuation",
            description = "continuation (lines `A: ...` and `B: ...` to be gone on with) or chat (the model's chat "
                    + "template). Default: ${DEFAULT-VALUE}.")
    private Form form;

    @Option(names = "--instruction", paramLabel = "TEXT",
            description = "What is asked of the teacher: a line before the conversation, or the chat's system message. "
                    + "Default: none, or with chat to answer in one or two short casual sentences as a person.")
    private String instruction;

    @Option(names = "--persona", paramLabel = "TEXT",
            description = "Who replies, in a sentence about B: \"B is a nurse and has two dogs.\"; for chat about you: "
                    + "\"You are a nurse.\" Comes after the instruction; may be given several times.")
    private List<String> personas = List.of();

    @Option(names = "--history", paramLabel = "N", defaultValue = "4",
            description = "Newest turns of a context that are read. Default: ${DEFAULT-VALUE}.")
    int history;

    /** The format, with these lines before all others. */
    PromptFormat format(Teacher teacher) {
        return switch (form) {
            case CONTINUATION -> new Continuation(header(), teacher.control());
            case CHAT -> {
                String template = teacher.chatTemplate().orElseThrow(() -> BadInput.of(
                        teacher.name() + " has no chat template", "use --prompt continuation"));
                yield new Chat(ChatTemplate.parse(template), String.join(" ", header()), teacher.control(),
                        teacher.tokenizer());
            }
        };
    }

    private List<String> header() {
        List<String> lines = new ArrayList<>();
        if (instruction == null && form == Form.CHAT) lines.add(Chat.HUMAN);
        if (instruction != null && !instruction.isBlank()) lines.add(instruction);
        lines.addAll(personas);
        return lines;
    }

    /** Writes prompts that leave room for so many tokens. */
    PromptEncoder encoder(Teacher teacher, int room) {
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
        if (!header().isEmpty()) facts.put("header", header());
        facts.put("history", history);
        return facts;
    }
}
