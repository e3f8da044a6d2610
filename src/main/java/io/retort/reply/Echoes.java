package io.retort.reply;

import io.retort.dialogue.Context;
import io.retort.dialogue.NormalForm;
import java.text.Normalizer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells which replies only repeat a turn of a context: their words are the same, in whatever case, punctuation and white
 * space. A turn without any letter or digit is repeated by a reply of the same {@linkplain NormalForm normal form}.
 * Immutable; any thread.
 */
final class Echoes {
    private static final Pattern APOSTROPHES = Pattern.compile("['\u2018\u2019\u02bc]");
    private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{M}\\p{N}]+");
    /** The turns of no context, which nothing repeats. */
    static final Echoes NONE = new Echoes(Set.of());

    private final Set<String> turns;

    private Echoes(Set<String> turns) {
        this.turns = turns;
    }

    /** The turns of a context, all of them, whether or not the model reads that far back. */
    static Echoes of(Context context) {
        Set<String> turns = new HashSet<>();
        for (String turn : context.turns()) turns.add(words(turn));
        return new Echoes(turns);
    }

    /** Whether a reply says no more than one of the turns. */
    boolean has(String reply) {
        return !turns.isEmpty() && turns.contains(words(reply));
    }

    /** Number of different turns, which is about how many replies of an index may repeat them. */
    int size() {
        return turns.size();
    }

    /** The words of a text, in lower case and parted by single spaces; its normal form where it has none. */
    static String words(String text) {
        String form = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        String words = NO_WORD.matcher(APOSTROPHES.matcher(form).replaceAll("")).replaceAll(" ").strip();
        return words.isEmpty() ? NormalForm.of(text) : words;
    }
}
