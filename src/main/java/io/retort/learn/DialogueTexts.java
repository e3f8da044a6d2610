package io.retort.learn;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
import io.retort.files.BadInput;
import io.retort.generate.Chat;
import io.retort.generate.Continuation;
import io.retort.generate.PromptFormat;
import io.retort.generate.SourceTurns;
import io.retort.lm.TrainingText;
import io.retort.settings.InvalidSetting;
import io.retort.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Dialogues as a generator is trained on them: as a {@link PromptFormat} puts a context to it and expects the reply,
 * token for token. Of a {@link Continuation} the model learns every turn, of a {@link Chat} the assistant's; one that reads
 * {@link SourceTurns} learns each turn as the reply to those before it. Immutable.
 */
final class DialogueTexts {
    /** The fewest tokens that a turn is cut to; from fewer a model would learn nothing. */
    private static final int FEWEST = 8;

    private final DialogueForm form;
    private final int maxTokens;
    private final int history;
    private final int longest;

    /**
     * @param maxTokens most tokens of a window
     * @param history   turns that a later window of a dialogue reads again before it goes on
     * @throws InvalidSetting if the history is less than 0
     * @throws BadInput if a window has no room for a turn, or a chat template cannot be learned
     */
    public DialogueTexts(PromptFormat format, Tokenizer tokenizer, int maxTokens, int history) {
        this(format, tokenizer, maxTokens, history, OptionalInt.empty());
    }

    /**
     * Texts for a model whose decoder may start with a token of its own.
     *
     * @param start that token; empty for a model that goes on with its prompt
     */
    DialogueTexts(PromptFormat format, Tokenizer tokenizer, int maxTokens, int history, OptionalInt start) {
        this.form = switch (format) {
            case Continuation lines -> new DialogueForm.ContinuationForm(lines, tokenizer);
            case Chat chat -> new DialogueForm.ChatForm(chat, tokenizer);
            case SourceTurns turns -> new DialogueForm.SourceForm(turns, tokenizer, start.orElseThrow());
        };
        this.maxTokens = maxTokens;
        this.history = history;
        this.longest = maxTokens - form.size(List.of(new int[0]));
        InvalidSetting.unless(history >= 0, "history", history, "use 0 or more");
        if (longest < FEWEST) {
            throw BadInput.of("at most " + maxTokens + " tokens leave no room for a turn", "allow more tokens");
        }
    }

    /** Cuts a dialogue at turns; a turn that is too long by itself loses its end. Turns of one speaker become one. */
    List<Window> windows(Dialogue dialogue) {
        List<String> turns = dialogue.merged().turns().stream().map(Turn::text).toList();
        List<int[]> tokens = new ArrayList<>();
        for (String turn : turns) tokens.add(fitting(form.turn(turn)));
        if (form.teachesLastOnly()) return ofEachTurn(turns, tokens);
        List<Window> windows = new ArrayList<>();
        for (int next = 0; next < turns.size();) {
            int first = Math.max(0, next - history);
            while (first < next && form.size(tokens.subList(first, next + 1)) > maxTokens) first++;
            int end = next + 1;
            while (end < turns.size() && form.size(tokens.subList(first, end + 1)) <= maxTokens) end++;
            if (form.teaches(end - first)) {
                windows.add(new Window(turns.subList(first, end), next - first,
                        form.size(tokens.subList(first, end))));
            }
            next = end;
        }
        return windows;
    }

    /** Makes a window for each turn but the first, of it and as many before it as are read again and fit. */
    private List<Window> ofEachTurn(List<String> turns, List<int[]> tokens) {
        List<Window> windows = new ArrayList<>();
        for (int next = 1; next < turns.size(); next++) {
            int first = Math.max(0, next - Math.max(1, history));
            while (first < next - 1 && form.size(tokens.subList(first, next)) > maxTokens) first++;
            windows.add(new Window(turns.subList(first, next + 1), next - first,
                    form.size(tokens.subList(first, next + 1))));
        }
        return windows;
    }

    private int[] fitting(int[] turn) {
        return Arrays.copyOf(turn, Math.min(turn.length, longest));
    }

    /**
     * Writes a window of a dialogue as a text to learn from.
     *
     * @param replierFirst whether the first turn is that of the one who replies; speakers take turns from there
     */
    TrainingText text(Window window, boolean replierFirst) {
        return form.text(window, replierFirst, longest);
    }

    /**
     * A stretch of a dialogue that fits into what a generator is trained on at a time.
     *
     * @param turns  what was said
     * @param heard  turns at the beginning that another window teaches already: here they are only read
     * @param tokens of the whole stretch with what stands around its turns, about
     */
    record Window(List<String> turns, int heard, int tokens) {
        Window {
            turns = List.copyOf(turns);
        }
    }
}
