package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FixedAnswersTest {
    @TempDir
    Path folder;

    private static Optional<String> name(FixedAnswers answers, String turn) {
        return answers.find(turn).map(match -> match.answer().name());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Hello!|hello", "  HI there  |hello", "hey|hello", "Good morning, everyone.|hello",
        "Who are you?|who", "hey, who are you then?|who", "What’s your name?|who", "What's your name|who",
        "Are you a bot?|bot", "wait... are you a bot really|bot", "ARE YOU REAL???|bot", "Am I talking to a human?|bot",
        "what can you do|abilities", "Ok, how can you help me please?|abilities",
        "thanks|thanks", "Thank you so much!!!|thanks", "ok thx|thanks", "Thanks, man.|thanks",
        "bye|bye", "Ok, bye for now!|bye", "thanks, good night|bye", "Goodbye 👋|bye", "ｂｙｅ|bye"})
    void whatEverybodySaysIsRecognisedInItsSpellings(String turn, String name) {
        assertEquals(Optional.of(name), name(FixedAnswers.standard(), turn));
    }

    @ParameterizedTest
    @ValueSource(strings = {"thanks to my brother I got the job", "Thanks for nothing, you idiot", "hello kitty is my cat",
        "hi, how are you?", "who are you going with?", "my boss asked are you a bot", "are you a bot lover",
        "bye bye birdie is a musical", "I said bye to her yesterday", "what can you do about it", "no", "thankless work",
        "I love you", "good morning america is on", "", "?!", "👋", "help my dog is sick"})
    void nothingIsRecognisedByAPart(String turn) {
        assertEquals(Optional.empty(), name(FixedAnswers.standard(), turn));
    }

    @Test
    void everyPhrasingLeadsToItsOwnAnswer() {
        for (String name : FixedAnswers.standard().names()) {
            for (String phrasing : FixedAnswers.standard().find(first(name)).orElseThrow().answer().to()) {
                assertEquals(Optional.of(name), name(FixedAnswers.standard(), phrasing), phrasing);
            }
        }
    }

    private static String first(String name) {
        return switch (name) {
            case "hello", "thanks", "bye" -> name;
            case "who" -> "who are you";
            case "bot" -> "are you a bot";
            case "abilities" -> "what can you do";
            default -> throw new IllegalStateException(name);
        };
    }

    @Test
    void aFileTakesThePlaceOfAnswersByNameAddsOthersAndDoesAwayWithSome() throws IOException {
        Path file = Files.writeString(folder.resolve("a.jsonl"), """
                {"name": "bot", "say": ["I am the smith's golem."]}
                {"name": "hours", "to": ["When are you open?", "opening hours"], "say": ["From nine to five."]}
                {"name": "bye", "to": []}
                """);
        FixedAnswers answers = FixedAnswers.standard().with(file);
        assertEquals(List.of("I am the smith's golem."), answers.find("are you real?").orElseThrow().answer().say());
        assertEquals(Optional.of("hours"), name(answers, "so, when are you open"));
        assertEquals(Optional.empty(), name(answers, "bye"));
        assertEquals(Optional.of("hello"), name(answers, "hello"));
        assertEquals(Optional.of("bye"), name(FixedAnswers.standard(), "bye"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {"{\"to\": [\"hi\"], \"say\": [\"ho\"]}|name",
        "{\"name\": \"new\", \"say\": [\"ho\"]}|`to`", "{\"name\": \"bot\"}|say",
        "{\"name\": \"bot\", \"say\": [\"\"]}|say", "{\"name\": \"x\", \"to\": [\" \"], \"say\": [\"y\"]}|to",
        "{\"name\": \"bot\", \"say\": 3}|say", "nonsense|1"})
    void aBadLineIsRefusedByFileLineAndField(String line, String told) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.jsonl"), line + "\n");
        String message = assertThrows(BadInput.class, () -> FixedAnswers.standard().with(file)).getMessage();
        assertTrue(message.contains("bad.jsonl") && message.contains("1") && message.contains(told), message);
    }
}
