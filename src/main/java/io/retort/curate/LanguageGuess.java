package io.retort.curate;

import java.util.Optional;
import java.util.Set;

/**
 * The most probable language of a text.
 *
 * @param language   code of ISO 639-1 (for Tagalog: tl), or {@link #UNKNOWN} where the text is too short to tell, or has
 *                   no words
 * @param confidence how probable it is among the languages that are known, from 0 to 1; 0 for an unknown one
 */
public record LanguageGuess(String language, double confidence) {
    /** ISO 639's code for a language that nobody determined. */
    public static final String UNKNOWN = "und";
    /** What is said of a text that is too short to tell. */
    static final LanguageGuess NONE = new LanguageGuess(UNKNOWN, 0);

    /** Guesses the language of a text: of one sentence, one word, or much more, of which the beginning is looked at. */
    public static LanguageGuess of(String text) {
        return LanguageModel.SHARED.guess(text);
    }

    /** Codes of all languages that are told, in order. */
    public static Set<String> languages() {
        return LanguageModel.SHARED.languages();
    }

    /** Whether the text told its language. */
    public boolean isKnown() {
        return !language.equals(UNKNOWN);
    }

    /** The language if the text told it. */
    public Optional<String> known() {
        return isKnown() ? Optional.of(language) : Optional.empty();
    }
}
