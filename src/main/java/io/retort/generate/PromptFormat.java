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
public sealed interface PromptFormat permits Continuation, Chat {
    /**
     * Makes the format that is chosen, for one model.
     *
     * @param model    its name, for messages
     * @param template the model's chat template, if it has one
     * @throws BadInput if there is no chat template where one is needed, or it cannot be rendered
     */
    static PromptFormat of(PromptChoice choice, String model, Optional<String> template, ControlTokens control,
            Tokenizer tokenizer) {
        return switch (choice.form()) {
            case CONTINUATION -> new Continuation(choice.header(), control);
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
