package io.retort.safety;

import io.retort.curate.LanguageGuess;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Judges what a person says and what would be answered: by the lexicon and, of a person's turns, by a classifier, if
 * there is one, and by their language. Immutable; any thread.
 */
public final class SafetyScreen {
    private final SafetySettings settings;
    private final Lexicon lexicon;
    private final Optional<TurnClassifier> classifier;
    private final Set<String> languages;

    private SafetyScreen(SafetySettings settings, Lexicon lexicon, Optional<TurnClassifier> classifier,
            Set<String> languages) {
        this.settings = settings;
        this.lexicon = lexicon;
        this.classifier = classifier;
        this.languages = languages;
    }

    /**
     * Says how likely a turn is stopped for what. It may be used from any thread.
     */
    @FunctionalInterface
    public interface TurnClassifier {
        /** What a turn is, if it is to be stopped. */
        Optional<SafetyVerdict> classify(String turn);
    }

    /**
     * A screen without a classifier, for replies in English where the settings do not name languages.
     *
     * @throws io.retort.files.BadInput if a pattern of the settings is none
     */
    public static SafetyScreen of(SafetySettings settings) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        return new SafetyScreen(settings, Lexicon.with(settings.lexicon()), Optional.empty(),
                languages(settings, Set.of("en")));
    }

    private static Set<String> languages(SafetySettings settings, Set<String> ofReplies) {
        return settings.languages().contains(SafetySettings.OF_THE_REPLIES) ? ofReplies : settings.languages();
    }

    /** A copy of this screen that asks a classifier about turns in which the lexicon finds nothing. */
    public SafetyScreen withClassifier(TurnClassifier classifier) {
        if (classifier == null) throw new IllegalArgumentException("classifier is null");
        return new SafetyScreen(settings, lexicon, Optional.of(classifier), languages);
    }

    /**
     * A copy of this screen for replies in certain languages, which count where the settings name none.
     *
     * @param ofReplies codes; none if they are in no language that is told
     */
    public SafetyScreen withLanguagesOfReplies(Set<String> ofReplies) {
        return new SafetyScreen(settings, lexicon, classifier, languages(settings, Set.copyOf(ofReplies)));
    }

    /** What is asked about turns in which words tell nothing; empty if there is no such thing. */
    public Optional<TurnClassifier> classifier() {
        return classifier;
    }

    /** How it judges, and what is said where it stops something. */
    public SafetySettings settings() {
        return settings;
    }

    /** Judges what a person says. */
    public SafetyVerdict checkTurn(String text) {
        if (text == null) throw new IllegalArgumentException("text is null");
        if (settings.level() == SafetyLevel.OFF) return SafetyVerdict.PASSES;
        Predicate<SafetyCategory> stops = settings.level()::stopsTurn;
        Optional<SafetyVerdict> found = byWords(text, stops)
                .or(() -> stops.test(SafetyCategory.LANGUAGE) ? byLanguage(text) : Optional.empty());
        return found.or(() -> classifier.flatMap(its -> its.classify(text)).filter(
                verdict -> verdict.category().filter(stops).isPresent())).orElse(SafetyVerdict.PASSES);
    }

    /** Judges what would be answered. */
    public SafetyVerdict checkReply(String text) {
        if (text == null) throw new IllegalArgumentException("text is null");
        if (settings.level() == SafetyLevel.OFF) return SafetyVerdict.PASSES;
        return byWords(text, settings.level()::stopsReply).orElse(SafetyVerdict.PASSES);
    }

    /**
     * Judges what would be answered, where something else tells more about it than its words.
     *
     * @param classifier asked where words tell nothing
     */
    public SafetyVerdict checkReply(String text, Supplier<Optional<SafetyVerdict>> classifier) {
        SafetyVerdict words = checkReply(text);
        if (!words.passes() || settings.level() == SafetyLevel.OFF) return words;
        return classifier.get().filter(verdict -> verdict.category().filter(settings.level()::stopsReply).isPresent())
                .orElse(SafetyVerdict.PASSES);
    }

    private Optional<SafetyVerdict> byWords(String text, Predicate<SafetyCategory> stops) {
        return lexicon.find(text, stops).map(found -> SafetyVerdict.stops(found.category(),
                "\"" + found.words() + "\" fits the pattern \"" + found.pattern() + "\""));
    }

    private Optional<SafetyVerdict> byLanguage(String text) {
        return ForeignText.language(text, languages, lexicon.words(text)).map(language -> SafetyVerdict
                .stops(SafetyCategory.LANGUAGE, "it is in the language \"" + language + "\""));
    }

    /**
     * What is said where a turn was stopped.
     *
     * @param number how many such things were said before, so that they take turns
     * @throws IllegalArgumentException if the verdict stops nothing
     */
    public String answer(SafetyVerdict verdict, int number) {
        if (verdict.passes()) throw new IllegalArgumentException("verdict stops nothing");
        List<String> answers = switch (verdict.category().get()) {
            case CRISIS -> settings.crisis();
            case LANGUAGE -> settings.foreign();
            default -> settings.refusals();
        };
        return answers.get(number % answers.size());
    }
}
