package io.retort.generate;

import io.retort.files.WhiteSpace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What is to stand around a context that is put to a language model, whichever it is.
 *
 * @param instruction what is asked of it: a line before the conversation, or the chat's system message; empty for the
 *                    usual one, which a continuation has none of; blank for none
 * @param personas    who replies, after the instruction
 */
public record PromptChoice(Form form, Optional<String> instruction, List<String> personas) {
    /** The forms of a prompt. */
    public enum Form {
        /** Lines of two speakers that the model goes on with. */
        CONTINUATION,
        /** The model's own chat template. */
        CHAT
    }

    public PromptChoice {
        personas = List.copyOf(personas);
    }

    /** A continuation without a header. */
    public static PromptChoice usual() {
        return new PromptChoice(Form.CONTINUATION, Optional.empty(), List.of());
    }

    /** Lines before all others. */
    public List<String> header() {
        List<String> lines = new ArrayList<>();
        if (instruction.isEmpty() && form == Form.CHAT) lines.add(Chat.HUMAN);
        instruction.filter(line -> !WhiteSpace.isBlank(line)).ifPresent(lines::add);
        lines.addAll(personas);
        return lines;
    }

    /** What is told of it in what it leads to. */
    public Map<String, Object> provenance() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("form", form.name().toLowerCase(Locale.ROOT));
        List<String> header = header();
        if (!header.isEmpty()) facts.put("header", header);
        return facts;
    }

    /** The same with more lines after the others. */
    public PromptChoice withLines(List<String> more) {
        if (more.isEmpty()) return this;
        List<String> lines = new ArrayList<>(personas);
        lines.addAll(more);
        return new PromptChoice(form, instruction, lines);
    }
}
