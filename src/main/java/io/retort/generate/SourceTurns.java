package io.retort.generate;

import io.retort.dialogue.Context;
import io.retort.files.WhiteSpace;
import io.retort.text.Prompt;
import io.retort.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A conversation as the encoder of a dialogue model reads it: the turns one after the other, in the layout in which the
 * model was trained, and nothing to say who speaks. The decoder writes the reply by itself. P(r) is taken after a source
 * without turns.
 *
 * @param header lines that stand before the turns, such as what is said of a persona; often none
 */
public record SourceTurns(List<String> header, Layout layout, ControlTokens control) implements PromptFormat {
    public SourceTurns {
        header = List.copyOf(header);
    }

    /**
     * How a family of models lays turns out.
     *
     * @param before  stands before each turn, and before a reply
     * @param between stands between two turns
     * @param begins  whether the begin token stands before a source, and before a reply
     * @param ends    whether the end token stands behind a source; behind a reply it always does
     * @param begin   the begin token of models whose files name none
     * @param end     the end token of models whose files name none
     */
    public record Layout(String before, String between, boolean begins, boolean ends, String begin, String end) {
        /** Returns the layout of a family of encoder–decoders by its name on the Hub. */
        static Layout of(String family) {
            return switch (family) {
                case "blenderbot" -> new Layout(" ", "  ", false, true, "<s>", "</s>");
                case "blenderbot-small" -> new Layout("", "\n", false, false, "__start__", "__end__");
                default -> new Layout("", "\n", true, true, "<s>", "</s>");
            };
        }
    }

    @Override
    public Prompt prompt(Context context) {
        List<String> lines = new ArrayList<>(header);
        lines.addAll(context.turns());
        return source(lines.stream().map(this::turn).collect(Collectors.joining(layout.between)));
    }

    private String turn(String text) {
        return layout.before + WhiteSpace.collapse(text);
    }

    private Prompt source(String text) {
        return Prompt.trusted(layout.begins ? control.begin() : "").then(Prompt.untrusted(text))
                .then(Prompt.trusted(layout.ends ? control.end() : ""));
    }

    /** A source that says nothing: the tokens around the turns, or where there are none, the end token alone. */
    @Override
    public Prompt unconditional() {
        Prompt nothing = source("");
        return nothing.length() > 0 ? nothing : Prompt.trusted(control.end());
    }

    @Override
    public Prompt reply(String reply) {
        return Prompt.trusted(layout.begins ? control.begin() : "").then(Prompt.untrusted(turn(reply)))
                .then(Prompt.trusted(control.end()));
    }

    @Override
    public StopRules stops(Tokenizer tokenizer) {
        return new StopRules(List.of(), control.endIds(tokenizer, Optional.empty()));
    }
}
