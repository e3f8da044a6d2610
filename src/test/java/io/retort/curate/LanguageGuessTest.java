package io.retort.curate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Languages of what people say to each other, most of it short. */
class LanguageGuessTest {
    private record Case(String language, String text, LanguageGuess guess) {
    }

    private static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        try (InputStream in = LanguageGuessTest.class.getResourceAsStream("languages.tsv")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                String[] parts = line.split("\t");
                cases.add(new Case(parts[0], parts[1], LanguageGuess.of(parts[1])));
            }
        }
        return cases;
    }

    @Test
    void fewShortTextsAreTakenForAnotherLanguage() throws IOException {
        List<Case> cases = cases();
        List<Case> wrong = cases.stream()
                .filter(each -> each.guess.isKnown() && !each.guess.language().equals(each.language)).toList();
        long unknown = cases.stream().filter(each -> !each.guess.isKnown()).count();
        assertTrue(wrong.size() <= cases.size() * 0.02, wrong.size() + " of " + cases.size() + ": " + wrong);
        assertTrue(unknown <= cases.size() * 0.08, unknown + " of " + cases.size());
    }

    @Test
    void englishIsToldFromOtherLanguages() throws IOException {
        List<Case> wrong = cases().stream().filter(each -> each.guess.isKnown()
                && each.guess.language().equals("en") != each.language.equals("en")).toList();
        assertTrue(wrong.size() <= 1, wrong.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "?!", "12345", "👍👍", "x", "https", "Pizza", "OK", "haha"})
    void whatIsTooShortToTellIsNotTakenForAForeignLanguage(String text) {
        LanguageGuess guess = LanguageGuess.of(text);
        assertTrue(!guess.isKnown() || guess.language().equals("en"), guess.toString());
    }

    @Test
    void aGuessSaysHowSureItIs() {
        LanguageGuess sure = LanguageGuess.of("Good morning, I would like to know when my parcel is going to arrive, please.");
        assertEquals("en", sure.language());
        assertTrue(sure.confidence() > 0.99);
        assertEquals(LanguageGuess.UNKNOWN, LanguageGuess.of("...").language());
        assertEquals(0, LanguageGuess.of("...").confidence());
        assertTrue(LanguageGuess.of("...").known().isEmpty());
    }

    @Test
    void hugeTextsTakeNoLongerThanTheirBeginning() {
        String huge = "Wo ist denn nun mein Paket geblieben? ".repeat(200_000);
        for (int i = 0; i < 200; i++) assertEquals("de", LanguageGuess.of(huge).language());
    }
}
