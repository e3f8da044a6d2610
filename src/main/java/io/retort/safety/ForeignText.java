package io.retort.safety;

import io.retort.curate.LanguageGuess;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Tells text that is in none of some languages, and would rather miss one than take a person's slang for one. */
final class ForeignText {
    /** Surer than {@link LanguageGuess} need be: short turns with a name in them look like many languages. */
    private static final double SURE = 0.95;
    /** Beyond so many letters the rest of a text says nothing new. */
    private static final int MOST_LETTERS = 2000;
    /** Share of a text's words that are English, from which on it is, whatever else it holds. */
    private static final double ENGLISH_SHARE = 0.3;
    private static final String ENGLISH = "en";
    /** Words of English talk, laughter included, that are rare in other languages. */
    private static final Set<String> ENGLISH_WORDS = Set
            .of(("the and you i im my is it its to that this have do dont what "
                    + "are youre not with for they we your of was just like how about know there would will can cant when he she "
                    + "but did didnt think really going got get been has had were love good yes yeah lol haha hahaha lmao omg "
                    + "thanks thank too then them their because any some very much more right ok okay hi hello hey wow sorry "
                    + "nice cool sure why who where which want need feel time day people never always here out up down thats")
                    .split(" "));

    private ForeignText() {}

    /**
     * The language of a text that is in none of those that are known; empty if it is in one, or too short to tell.
     *
     * @param languages codes of those that are known; if there are none, all are
     * @param words     of the text
     */
    static Optional<String> language(String text, Set<String> languages, List<String> words) {
        if (languages.isEmpty() || languages.contains(ENGLISH) && isEnglish(words)) return Optional.empty();
        LanguageGuess guess = LanguageGuess.of(withoutRuns(text));
        boolean isForeign = guess.isKnown() && guess.confidence() >= SURE && !languages.contains(guess.language());
        return isForeign ? Optional.of(guess.language()) : Optional.empty();
    }

    private static boolean isEnglish(List<String> words) {
        long english = words.stream().filter(ENGLISH_WORDS::contains).count();
        return english > 0 && english >= ENGLISH_SHARE * words.size();
    }

    /** The beginning of a text, without laughter and letters that are held ("heyyyy"), which look like Finnish. */
    private static String withoutRuns(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), MOST_LETTERS); i++) {
            char c = text.charAt(i);
            boolean isThird = i > 1 && c == text.charAt(i - 1) && c == text.charAt(i - 2);
            boolean isLaughter = i > 3 && c == text.charAt(i - 2) && text.charAt(i - 1) == text.charAt(i - 3)
                    && c == text.charAt(i - 4);
            if (!isThird && !isLaughter) plain.append(c);
        }
        return plain.toString();
    }
}
