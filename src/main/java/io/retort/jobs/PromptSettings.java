package io.retort.jobs;

import io.retort.generate.PromptChoice;
import io.retort.settings.Setting;
import java.util.List;
import java.util.Optional;

/**
 * The form of a prompt, and what stands in it around the context.
 *
 * @param prompt      the form
 * @param instruction what is asked of it; empty for the form's usual one, blank for none
 * @param persona     who replies, a sentence each
 */
public record PromptSettings(
        @Setting(value = "continuation (lines `A: ...` and `B: ...` to be gone on with) or chat (the model's chat "
                + "template).", label = "FORM") PromptChoice.Form prompt,
        @Setting(value = "What is asked of the teacher: a line before the conversation, or the chat's system message.",
                label = "TEXT",
                defaultText = "none, or with chat to answer in one or two short casual sentences as a person") Optional<String> instruction,
        @Setting(value = "Who replies, in a sentence about B: \"B is a nurse and has two dogs.\"; for chat about you: "
                + "\"You are a nurse.\" Comes after the instruction; there may be several.",
                label = "TEXT") List<String> persona) {
    public PromptSettings {
        persona = List.copyOf(persona);
    }

    /** The usual settings: a continuation, with nothing around it. */
    public static PromptSettings defaults() {
        return new PromptSettings(PromptChoice.Form.CONTINUATION, Optional.empty(), List.of());
    }

    /** A copy of these settings with another form of prompt. */
    public PromptSettings withPrompt(PromptChoice.Form prompt) {
        return new PromptSettings(prompt, instruction, persona);
    }

    /** A copy of these settings with another instruction. */
    public PromptSettings withInstruction(String instruction) {
        return new PromptSettings(prompt, Optional.of(instruction), persona);
    }

    /** A copy of these settings with other sentences about the person who replies. */
    public PromptSettings withPersona(List<String> persona) {
        return new PromptSettings(prompt, instruction, persona);
    }

    /** The settings as a {@link io.retort.teacher.LocalTeacher} takes them. */
    public PromptChoice choice() {
        return new PromptChoice(prompt, instruction, persona);
    }
}
