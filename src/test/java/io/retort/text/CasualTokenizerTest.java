package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class CasualTokenizerTest {
    @Test
    void wordsKeepApostrophesAndHyphens() {
        tokens("I don’t know, it's well-known!", "i", "don't", "know", ",", "it's", "well-known", "!");
        tokens("'quoted' rock'n'roll -", "'", "quoted", "'", "rock'n'roll", "-");
    }

    @Test
    void numbersKeepPointsCommasAndColons() {
        tokens("At 10:30 it cost 1,299.50.", "at", "10:30", "it", "cost", "1,299.50", ".");
    }

    @Test
    void runsOfPunctuationAreOneToken() {
        tokens("Wait... what?! :)", "wait", "...", "what", "?!", ":)");
    }

    @Test
    void emojiWithTheirModifiersAreOneTokenEach() {
        tokens("ok👍🏽👨‍👩‍👧 ❤️!🇫🇷🇩🇪", "ok", "👍🏽", "👨‍👩‍👧", "❤️", "!", "🇫🇷", "🇩🇪");
    }

    @Test
    void ideographsAreOneTokenEach() {
        tokens("中文 ok", "中", "文", "ok");
    }

    @Test
    void accentsStayWithTheirLetters() {
        tokens("Café naïve", "café", "naïve");
    }

    @Test
    void aMillionCharactersDoNotDeepenTheStack() {
        assertEquals(1, CasualTokenizer.tokens("a'".repeat(500_000) + "a").size());
        assertEquals(1, CasualTokenizer.tokens("1,".repeat(500_000) + "1").size());
        assertEquals(1, CasualTokenizer.tokens("!".repeat(1_000_000)).size());
        assertEquals(1, CasualTokenizer.tokens("❤" + "\ufe0f".repeat(500_000)).size());
    }

    @Property(tries = 500)
    void noTokenIsEmptyOrHoldsWhiteSpace(@ForAll String text) {
        for (String token : CasualTokenizer.tokens(text)) {
            assertEquals(false, token.isEmpty() || token.codePoints().anyMatch(Character::isWhitespace), token);
        }
    }

    private static void tokens(String text, String... expected) {
        assertEquals(List.of(expected), CasualTokenizer.tokens(text));
    }
}
