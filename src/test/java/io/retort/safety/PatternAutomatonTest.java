package io.retort.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.retort.safety.PatternAutomaton.Hit;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternAutomatonTest {
    private static final Map<String, WordPattern> NAMED = Map.of("pet",
            WordPattern.of("cat|dog|(gold fish)", Map.of()));

    private static List<Hit> find(boolean isLong, String pattern, String text) {
        PatternAutomaton automaton = new PatternAutomaton();
        automaton.add(WordPattern.of(pattern, NAMED), 7, isLong);
        return automaton.find(List.of(text.split(" ")));
    }

    @ParameterizedTest
    @CsvSource({"a b,x a b y,true", "a b,a x b,false", "a b? c,a c,true", "a (b|c d) e,a c d e,true",
        "a (b|c d) e,a c e,false", "ab*,abba,true", "ab*,ba,false", "my @pet,my gold fish,true",
        "my @pet,my gold,false",
        "a ... b,a x y z b,true", "a ... b,a w x y z b,false", "a ... b,a b,true", "a (b)* c,a b b b c,true",
        "a (b)* c,a b b b b c,false", "(a b|a c),a c,true", "(a|a b) c,a b c,true", "a a a,a a,false",
        "a a a,a a a,true"})
    void aPatternIsFoundWhereItStands(String pattern, String text, boolean isThere) {
        assertEquals(isThere, !find(false, pattern, text).isEmpty());
    }

    @Test
    void theShortestOrTheLongestWayIsTold() {
        assertEquals(new Hit(7, 2, 3), find(false, "a ... b", "a x a b").getLast());
        assertEquals(new Hit(7, 0, 3), find(true, "a ... b", "a x a b").getLast());
    }

    @Test
    void oneTextLeavesNothingBehindForTheNext() {
        PatternAutomaton automaton = new PatternAutomaton();
        automaton.add(WordPattern.of("a b", Map.of()), 0, false);
        assertEquals(List.of(), automaton.find(List.of("a")));
        assertEquals(List.of(), automaton.find(List.of("b")));
        assertEquals(1, automaton.find(List.of("a", "b")).size());
    }

    @Test
    void threadsShareIt() {
        PatternAutomaton automaton = new PatternAutomaton();
        automaton.add(WordPattern.of("a ... b", Map.of()), 0, false);
        List<String> there = List.of("a", "x", "b"), not = List.of("b", "x", "a");
        long wrong = IntStream.range(0, 20_000).parallel()
                .filter(i -> automaton.find(i % 2 == 0 ? there : not).size() != (i + 1) % 2).count();
        assertEquals(0, wrong);
    }

    @Test
    void whatMatchesNothingAtAllIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> find(false, "a? ...", "a"));
        assertThrows(IllegalArgumentException.class, () -> WordPattern.of("a |", Map.of()));
        assertThrows(IllegalArgumentException.class, () -> WordPattern.of("don't", Map.of()));
    }
}
