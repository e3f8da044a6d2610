package io.retort.generate;

import io.retort.files.WhiteSpace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How a context is put to a language model: in which form, and with what around it. The choice fits any model.
 *
 * @param instruction what is asked of it: a line before the conversation, or the chat's system message; empty for the
 *                    usual one, which a continuation has none of; blank for none
 * @param personas    who replies, after the instruction
 */
public record PromptChoice(Form form, Optional<String> instruction, List<String> personas) {
    /** The forms in which a context can be put to a language model. */
    public enum Form {
        /** The dialogue is written as lines of two speakers, and the model goes on with it. */
        CONTINUATION,
        /** The dialogue is written as messages in the model's own chat template. */
        CHAT
    }

    public PromptChoice {
        personas = List.copyOf(personas);
    }

    /** The usual choice: a continuation, without a header before the dialogue. */
    public static PromptChoice usual() {
        return new PromptChoice(Form.CONTINUATION, Optional.empty(), List.of());
    }

    /** The lines that stand before the dialogue: the instruction, then what is said of the persona. */
    public List<String> header() {
        List<String> lines = new ArrayList<>();
        if (instruction.isEmpty() && form == Form.CHAT) lines.add(Chat.HUMAN);
        instruction.filter(line -> !WhiteSpace.isBlank(line)).ifPresent(lines::add);
        lines.addAll(personas);
        return lines;
    }

    /** The choice as plain values, for the provenance of what is made with it. */
    public Map<String, Object> provenance() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("form", form.name().toLowerCase(Locale.ROOT));
        List<String> header = header();
        if (!header.isEmpty()) facts.put("header", header);
        return facts;
    }

    /** A copy of this choice with more lines at the end of its header. */
    public PromptChoice withLines(List<String> more) {
        if (more.isEmpty()) return this;
        List<String> lines = new ArrayList<>(personas);
        lines.addAll(more);
        return new PromptChoice(form, instruction, lines);
    }
}
