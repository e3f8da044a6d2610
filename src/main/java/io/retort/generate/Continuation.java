package io.retort.generate;

import io.retort.files.WhiteSpace;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.text.Prompt;
import io.retort.text.Tokenizer;

/**
 * A conversation to be continued, a line a turn, for any language model:
 *
 * <pre>
 * A: How was your trip?
 * B:
 * </pre>
 *
 * The one who replies is always B, so the newest turn is A's and speakers take turns backwards from there. A reply is
 * the rest of its line: space, text, line break. P(r) is taken after {@code B:} alone. Line breaks in turns become
 * spaces.
 *
 * @param header lines before the conversation: instruction, persona; often none
 * @param control the model's special tokens
 */
public record Continuation(List<String> header, ControlTokens control) implements PromptFormat {
    private static final String REPLIER = "B:";
    private static final String OTHER = "A:";

    /**
     * @throws BadInput if a line of the header is blank or more than one line
     */
    public Continuation {
        header = List.copyOf(header);
        for (String line : header) {
            if (WhiteSpace.isBlank(line) || line.lines().count() != 1) {
                throw BadInput.of("a header line that is blank or has line breaks: `" + line + "`",
                        "give each line by itself");
            }
        }
    }

    /** The format without a header before the dialogue, which is the one that was measured. */
    public static Continuation plain(ControlTokens control) {
        return new Continuation(List.of(), control);
    }

    /** What stands before the first turn's label, in a prompt and in a whole conversation. */
    public Prompt opening() {
        return control.beforeText().then(Prompt.untrusted(headerText()));
    }

    private String headerText() {
        return header.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    /**
     * The label that stands before a turn as {@link #reply} writes it: that of the one who replies, or of the other.
     */
    public static Prompt label(boolean replier) {
        return Prompt.untrusted(replier ? REPLIER : OTHER);
    }

    @Override
    public Prompt prompt(Context context) {
        var text = new StringBuilder(headerText());
        List<String> turns = context.turns();
        for (int i = 0; i < turns.size(); i++) {
            boolean other = (turns.size() - i) % 2 == 1;
            text.append(other ? OTHER : REPLIER).append(' ').append(line(turns.get(i))).append('\n');
        }
        return control.beforeText().then(Prompt.untrusted(text + REPLIER));
    }

    @Override
    public Prompt unconditional() {
        return control.beforeText().then(Prompt.untrusted(REPLIER));
    }

    @Override
    public Prompt reply(String reply) {
        return Prompt.untrusted(" " + line(reply) + "\n");
    }

    @Override
    public StopRules stops(Tokenizer tokenizer) {
        return new StopRules(List.of("\n"), control.endIds(tokenizer, Optional.empty()));
    }

    private static String line(String text) {
        return WhiteSpace.collapse(text);
    }
}
