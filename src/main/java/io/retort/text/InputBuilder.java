package io.retort.text;

import java.util.List;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.ints.IntArrayList;

/**
 * Writes contexts and replies as the token ids a model reads, by its {@link TextFormat}.
 *
 * <p>A context keeps its newest turns: as many whole turns as fit, counted from the newest; if the newest alone is too
 * long, its end. A reply keeps its start. Start and end token stand exactly once, also in cut input; a separator only
 * between two turns that are kept. Turns of which the tokenizer leaves nothing (control characters) are passed over.
 * Safe for many threads.
 */
public final class InputBuilder {
    private static final int[] NONE = {};

    private final Tokenizer tokenizer;
    private final TextFormat format;
    private final int[] start;
    private final int[] end;
    private final int[] separator;
    private final int[] contextPrefix;
    private final int padId;

    /**
     * Looks up the format's tokens and encodes its prefixes.
     *
     * @throws BadInput if the tokenizer lacks a token that the format names, or a prefix leaves no room for text
     */
    public InputBuilder(Tokenizer tokenizer, TextFormat format) {
        this.tokenizer = tokenizer;
        this.format = format;
        start = token(format.startToken());
        end = token(format.endToken());
        separator = tokenizer.requiredIds(format.turnSeparator());
        padId = tokenizer.requiredId(format.padToken());
        contextPrefix = tokenizer.encode(format.contextPrefix());
        requireRoom("contextPrefix", contextPrefix, format.maxContextTokens());
        requireRoom("replyPrefix", tokenizer.encode(format.replyPrefix()), format.maxReplyTokens());
    }

    private int[] token(String name) {
        return name.isEmpty() ? NONE : new int[]{tokenizer.requiredId(name)};
    }

    private void requireRoom(String name, int[] prefix, int limit) {
        if (start.length + prefix.length + end.length >= limit) {
            throw BadInput.of("`" + name + "` fills all " + limit + " tokens", "shorten it or allow more tokens");
        }
    }

    /** Id of the padding token, which fills the rows of a batch up to one length. */
    public int padId() {
        return padId;
    }

    /**
     * Token ids of a context, special tokens and prefix included, at most {@code maxContextTokens}.
     *
     * @throws BadInput if no token is left of it
     */
    public int[] context(Context context) {
        int room = format.maxContextTokens() - start.length - end.length;
        List<String> turns = context.turns();
        IntArrayList kept = IntArrayList.of();
        IntArrayList newer = IntArrayList.of();
        for (int i = turns.size() - 1; i >= 0; i--) {
            int[] turn = tokenizer.encode(turns.get(i));
            if (turn.length == 0) continue;
            if (!newer.isEmpty()) newer.addElements(0, separator);
            // With a prefix the oldest turn is read together with it: in many vocabularies a word after a space is
            // another token.
            IntArrayList whole = join(opening(turns.get(i), turn), newer);
            if (whole.size() > room) {
                if (kept.isEmpty()) kept = endOf(turn, room);
                break;
            }
            kept = whole;
            newer.addElements(0, turn);
        }
        return framed(kept);
    }

    /**
     * Token ids of the newest turn of a context of which the tokenizer leaves anything, as {@link #context} writes a
     * context of that turn alone.
     *
     * @throws BadInput if no token is left of any
     */
    public int[] newestTurn(Context context) {
        List<String> turns = context.turns();
        for (int i = turns.size() - 1; i > 0; i--) {
            if (tokenizer.encode(turns.get(i)).length > 0) return context(Context.of(turns.get(i)));
        }
        return context(Context.of(turns.getFirst()));
    }

    private int[] opening(String turn, int[] ids) {
        return contextPrefix.length == 0 ? ids : tokenizer.encode(format.contextPrefix() + turn);
    }

    private static IntArrayList join(int[] first, IntArrayList rest) {
        IntArrayList joined = new IntArrayList(first.length + rest.size());
        joined.addElements(0, first);
        joined.addAll(rest);
        return joined;
    }

    private IntArrayList endOf(int[] turn, int room) {
        IntArrayList cut = new IntArrayList(contextPrefix);
        int count = Math.min(turn.length, room - contextPrefix.length);
        cut.addElements(cut.size(), turn, turn.length - count, count);
        return cut;
    }

    /**
     * Token ids of a reply, special tokens and prefix included, at most {@code maxReplyTokens}.
     *
     * @throws BadInput if no token is left of it
     */
    public int[] reply(String reply) {
        int room = format.maxReplyTokens() - start.length - end.length;
        int[] ids = tokenizer.encode(format.replyPrefix() + reply);
        return framed(new IntArrayList(ids, 0, Math.min(room, ids.length)));
    }

    private int[] framed(IntArrayList text) {
        text.addElements(0, start);
        text.addElements(text.size(), end);
        if (text.isEmpty()) throw BadInput.of("a text of which the tokenizer leaves nothing", "give it words");
        return text.toIntArray();
    }
}
