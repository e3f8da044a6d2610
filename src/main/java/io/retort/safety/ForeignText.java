package io.retort.safety;

import io.retort.curate.LanguageGuess;
import java.util.Optional;
import java.util.Set;

/** Tells text that is in none of some languages, and would rather miss one than take a person's slang for one. */
final class ForeignText {
    /** Surer than {@link LanguageGuess} need be: short turns with a name in them look like many languages. */
    private static final double SURE = 0.95;

    private ForeignText() {}

    /**
     * The language of a text that is in none of those that are known; empty if it is in one, or too short to tell.
     *
     * @param languages codes of those that are known; if there are none, all are
     */
    static Optional<String> language(String text, Set<String> languages, Lexicon lexicon) {
        if (languages.isEmpty()) return Optional.empty();
        LanguageGuess guess = LanguageGuess.of(text);
        boolean isForeign = guess.isKnown() && guess.confidence() >= SURE && !languages.contains(guess.language());
        return isForeign ? Optional.of(guess.language()) : Optional.empty();
    }
}
