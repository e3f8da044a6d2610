package io.retort.generate;

import io.retort.files.WhiteSpace;
import java.util.Optional;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.text.Tokenizer;

/**
 * Writes prompts and replies as token ids. A context that is too long loses whole turns, the oldest first; if the
 * newest alone is too long, its start (as {@link io.retort.text.InputBuilder} does). Immutable.
 */
public final class PromptEncoder {
    private final PromptFormat format;
    private final Tokenizer tokenizer;
    private final int maxTokens;

    /**
     * @param maxTokens most tokens of a prompt: what the model can read less what it is to write
     */
    public PromptEncoder(PromptFormat format, Tokenizer tokenizer, int maxTokens) {
        this.format = format;
        this.tokenizer = tokenizer;
        this.maxTokens = maxTokens;
    }

    /** The rules by which a generated reply ends in this format. */
    public StopRules stops() {
        return format.stops(tokenizer);
    }

    /** The prompt before a reply that has no context, for the reply's probability by itself. */
    public int[] unconditional() {
        return format.unconditional().encode(tokenizer);
    }

    /** The tokens of a reply with the sign of its end, as it follows the prompt of a context or of none. */
    public int[] reply(String reply) {
        return format.reply(reply).encode(tokenizer);
    }

    /**
     * Encodes the prompt of a context in at most {@code maxTokens} tokens.
     *
     * @throws BadInput if there is no room for any of it, or the format refuses it
     */
    public int[] prompt(Context context) {
        return fitted(context).ids();
    }

    /**
     * Encodes the prompt of a context, and tells whether anything of it had to be left out.
     *
     * @throws BadInput as {@link #prompt} does
     */
    public Fitted fitted(Context context) {
        for (int turns = context.turns().size(); turns > 0; turns--) {
            Context latest = context.latest(turns);
            if (!format.admits(latest)) continue;
            Optional<int[]> ids = ifItFits(latest);
            if (ids.isPresent()) return new Fitted(ids.get(), turns == context.turns().size());
        }
        return new Fitted(endOf(context.newest()), false);
    }

    /**
     * A prompt that fits, and whether it holds the whole context.
     *
     * @param ids   the array is the record's own
     * @param whole whether it is of the whole context
     */
    public record Fitted(int[] ids, boolean whole) {
    }

    private Optional<int[]> ifItFits(Context context) {
        int[] ids = format.prompt(context).encode(tokenizer);
        return ids.length <= maxTokens ? Optional.of(ids) : Optional.empty();
    }

    /** The tokens of as much of a turn's end as fits, found by bisection. */
    private int[] endOf(String turn) {
        String text = WhiteSpace.strip(turn);
        int tooEarly = 0;
        int fits = text.offsetByCodePoints(text.length(), -1);
        int[] best = ifItFits(Context.of(text.substring(fits))).orElseThrow(() -> BadInput.of(
                "a prompt of at most " + maxTokens + " tokens leaves no room for a turn",
                "shorten the instruction, or allow more tokens"));
        while (fits - tooEarly > 1) {
            int middle = (fits + tooEarly) >>> 1;
            String end = text.substring(middle);
            Optional<int[]> ids = Character.isLowSurrogate(end.charAt(0)) || WhiteSpace.isBlank(end)
                    ? Optional.empty()
                    : ifItFits(Context.of(end));
            if (ids.isPresent()) {
                best = ids.get();
                fits = middle;
            } else {
                tooEarly = middle;
            }
        }
        return best;
    }
}
