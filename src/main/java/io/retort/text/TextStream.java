package io.retort.text;

import it.unimi.dsi.fastutil.ints.IntArrayList;

/**
 * The text of a sequence of ids that grows one by one. A token may end within a character (an emoji is often three or
 * four tokens): what is returned are whole characters only, the rest waits for the tokens to come. All that was
 * returned, with {@link #rest()}, is what {@link Tokenizer#decode} makes of all ids. Belongs to one thread.
 */
public final class TextStream {
    private static final char NOT_YET = '\ufffd';

    private final Tokenizer tokenizer;
    // Tokenizers may treat the first token of a text in another way, so the newest tokens are decoded after older ones.
    private final IntArrayList window = new IntArrayList();
    private int shown;

    /** A stream of no tokens yet. */
    public TextStream(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Adds a token; returns the characters that are whole now, often none. */
    public String add(int id) {
        window.add(id);
        String before = decoded(shown);
        String text = decoded(window.size());
        // A broken character is decoded as the replacement character; a real one waits with it for the next token.
        if (text.length() <= before.length() || text.charAt(text.length() - 1) == NOT_YET) return "";
        window.removeElements(0, shown);
        shown = window.size();
        return text.substring(before.length());
    }

    /** What is left at the end: broken characters as replacement characters, as a rule nothing. */
    public String rest() {
        return decoded(window.size()).substring(decoded(shown).length());
    }

    private String decoded(int count) {
        return count == 0 ? "" : tokenizer.decode(window.subList(0, count).toIntArray());
    }
}
