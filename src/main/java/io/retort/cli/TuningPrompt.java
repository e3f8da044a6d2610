package io.retort.cli;

import io.retort.generate.PromptChoice;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * In which form a generator learns dialogues. Settings that are not given are none of a run's config, unlike those of
 * {@link PromptForm}: runs begun before there was a choice can be resumed.
 */
final class TuningPrompt {
    @Option(names = "--prompt", paramLabel = "FORM",
            description = "A generator: the form in which it learns dialogues, and is to be asked later: continuation "
                    + "(lines `A: ...` and `B: ...`) or chat (its chat template; it learns the assistant's turns). "
                    + "Default: continuation.")
    private PromptChoice.Form form;

    @Option(names = "--instruction", paramLabel = "TEXT",
            description = "A generator: what stands before every dialogue, as in `retort generate`. Give the same there.")
    private String instruction;

    @Option(names = "--persona", paramLabel = "TEXT",
            description = "A generator: what follows the instruction, as in `retort generate`; may be given several "
                    + "times.")
    private List<String> personas;

    PromptChoice choice() {
        return new PromptChoice(form == null ? PromptChoice.Form.CONTINUATION : form, Optional.ofNullable(instruction),
                personas == null ? List.of() : personas);
    }
}
