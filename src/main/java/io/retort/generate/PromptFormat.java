package io.retort.generate;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.text.Prompt;
import io.retort.text.Tokenizer;
import io.retort.text.template.ChatTemplate;
import java.util.Optional;

/**
 * How a context is put to a generator, how it is asked for a reply to anything at all (P(r), for mutual information),
 * and what a reply looks like to it. Prompt and reply are encoded apart and joined as ids, when text is generated as
 * when it is scored. Immutable.
 *
 * <p>Which form a teacher judges better in is not known: with SmolLM2-135M-Instruct samples of a hundred contexts leave
 * it open (docs/teacher.md), and it is to be measured for each teacher.
 */
public sealed interface PromptFormat permits Continuation, Chat, SourceTurns {
    /**
     * Makes the format that is chosen, for one model. A model that reads the conversation apart from what it writes has it
     * in its own layout, whose turns are the continuation's.
     *
     * @param model its name, for messages
     * @param text  what its files say about text
     * @throws BadInput if there is no chat template where one is needed, or it cannot be rendered
     */
    static PromptFormat of(PromptChoice choice, String model, TeacherText text) {
        return of(choice, model, text.chatTemplate(), text.source(), text.control(), text.tokenizer());
    }

    /**
     * Makes the format that is chosen, for one model that goes on with its prompt.
     *
     * @param model    its name, for messages
     * @param template the model's chat template, if it has one
     * @throws BadInput if there is no chat template where one is needed, or it cannot be rendered
     */
    static PromptFormat of(PromptChoice choice, String model, Optional<String> template, ControlTokens control,
            Tokenizer tokenizer) {
        return of(choice, model, template, Optional.empty(), control, tokenizer);
    }

    private static PromptFormat of(PromptChoice choice, String model, Optional<String> template,
            Optional<SourceTurns.Layout> source, ControlTokens control, Tokenizer tokenizer) {
        return switch (choice.form()) {
            case CONTINUATION -> source.isPresent()
                    ? new SourceTurns(choice.header(), source.get(), control)
                    : new Continuation(choice.header(), control);
            case CHAT -> new Chat(ChatTemplate.parse(template.orElseThrow(() -> BadInput.of(
                    model + " has no chat template", "use the prompt form `continuation`"))),
                    String.join(" ", choice.header()), control, tokenizer);
        };
    }

    /** What the generator reads before its reply to a context. */
    Prompt prompt(Context context);

    /** What the generator reads before a reply that has no context: log P(r) is that of the reply after this prompt. */
    Prompt unconditional();

    /** A reply as it stands after either prompt, with the sign of its end, which is part of it in scoring. */
    Prompt reply(String reply);

    /** The rules by which a generated reply ends in this format. */
    StopRules stops(Tokenizer tokenizer);

    /** Whether a prompt of this context may begin at its first turn; if not, that turn is left out. */
    default boolean admits(Context context) {
        return true;
    }
}
