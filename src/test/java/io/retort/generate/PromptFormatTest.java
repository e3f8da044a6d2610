package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.text.BpeVocabulary;
import io.retort.text.template.ChatTemplate;
import io.retort.text.Tokenizer;

class PromptFormatTest {
    /** A letter a token, so that lengths are easily counted; then {@code <s>}, {@code </s>}, {@code <|end|>}. */
    private static final Tokenizer LETTERS = letters();
    private static final ControlTokens CONTROL = new ControlTokens("<s>", "</s>", false);
    private static final String CHATML = "{% for m in messages %}{{ '[' + m.role + ']' + m.content + '<|end|>\n' }}"
            + "{% endfor %}{% if add_generation_prompt %}{{ '[assistant]' }}{% endif %}";
    private static final Context TALK = Context.of("Hi.", "Hello,\n you!", "How are you?");

    private static Tokenizer letters() {
        List<String> tokens = Stream
                .concat(IntStream.concat(IntStream.rangeClosed('!', '~'), IntStream.of(0x120, 0x10a))
                        .mapToObj(Character::toString), Stream.of("<s>", "</s>", "<|end|>"))
                .toList();
        int[] types = IntStream.range(0, tokens.size()).map(i -> i < tokens.size() - 3 ? 1 : BpeVocabulary.CONTROL)
                .toArray();
        return new BpeVocabulary(tokens, types, List.of(), "gpt-2").tokenizer(Path.of("letters"));
    }

    private static Chat chat(String template, String system) {
        return new Chat(ChatTemplate.parse(template), system, CONTROL, LETTERS);
    }

    @Test
    void aContinuationEndsWithTheLabelOfTheOneWhoReplies() {
        Continuation format = Continuation.plain(CONTROL);
        assertEquals("A: Hi.\nB: Hello, you!\nA: How are you?\nB:", format.prompt(TALK).text());
        assertEquals("B: Hello, you!\nA: How are you?\nB:", format.prompt(TALK.latest(2)).text());
        assertEquals("B:", format.unconditional().text());
        assertEquals(" Fine, and you?\n", format.reply(" Fine,\nand\tyou? ").text());
        assertEquals(new StopRules(List.of("\n"), Set.of(LETTERS.requiredId("</s>"))), format.stops(LETTERS));
    }

    @Test
    void aHeaderStandsBeforeTheConversationAndTheBeginTokenBeforeAll() {
        Continuation format = new Continuation(List.of("Two friends talk."), new ControlTokens("<s>", "", true));
        assertEquals("<s>Two friends talk.\nA: Hi <s>\nB:", format.prompt(Context.of("Hi <s>")).text());
        int begin = LETTERS.requiredId("<s>");
        int[] ids = format.prompt(Context.of("Hi <s>")).encode(LETTERS);
        assertEquals(1, IntStream.of(ids).filter(id -> id == begin).count());
        assertEquals(begin, ids[0]);
        assertEquals("<s>B:", format.unconditional().text());
        assertThrows(BadInput.class, () -> new Continuation(List.of("a\nb"), CONTROL));
        assertThrows(BadInput.class, () -> new Continuation(List.of(" "), CONTROL));
    }

    @Test
    void inAChatTheNewestTurnIsTheUsers() {
        Chat format = chat(CHATML, "Be brief.");
        assertEquals("[system]Be brief.<|end|>\n[user]Hi.<|end|>\n[assistant]Hello,\n you!<|end|>\n"
                + "[user]How are you?<|end|>\n[assistant]", format.prompt(TALK).text());
        assertEquals("[system]Be brief.<|end|>\n[assistant]Hello,\n you!<|end|>\n[user]How are you?<|end|>\n"
                + "[assistant]", format.prompt(TALK.latest(2)).text());
        assertEquals("[system]Be brief.<|end|>\n[assistant]", format.unconditional().text());
    }

    @Test
    void aReplyInAChatEndsWithItsEndTokenAndNothingAfterIt() {
        Chat format = chat(CHATML, "");
        assertEquals("Fine.<|end|>", format.reply(" Fine. ").text());
        int end = LETTERS.requiredId("<|end|>");
        int[] ids = format.reply("<|end|>").encode(LETTERS);
        assertEquals(end, ids[ids.length - 1]);
        assertEquals(1, IntStream.of(ids).filter(id -> id == end).count());
        assertEquals(new StopRules(List.of(), Set.of(end, LETTERS.requiredId("</s>"))), format.stops(LETTERS));
    }

    @Test
    void aTemplateWithoutAnEndTokenEndsRepliesByItsText() {
        Chat format = chat("{% for m in messages %}{{ m.role + ': ' + m.content + '\n##\n' }}{% endfor %}"
                + "{% if add_generation_prompt %}assistant: {% endif %}", "");
        assertEquals("Fine.\n##\n", format.reply("Fine.").text());
        assertEquals(List.of("\n##\n"), format.stops(LETTERS).strings());
    }

    @Test
    void aTemplateThatWantsTheUserFirstLosesTheOldestTurnOfAnEvenNumber() {
        String strict = "{% if messages[0].role != 'user' %}{{ raise_exception('user first') }}{% endif %}" + CHATML;
        Chat format = chat(strict, "");
        assertTrue(format.admits(TALK));
        assertFalse(format.admits(TALK.latest(2)));
        assertEquals("[user]<|end|>\n[assistant]", format.unconditional().text());
        PromptEncoder encoder = new PromptEncoder(format, LETTERS, 1000);
        assertArrayEquals(format.prompt(TALK.latest(1)).encode(LETTERS), encoder.prompt(TALK.latest(2)));
        assertTrue(assertThrows(BadInput.class, () -> chat(strict, "Be brief.")).getMessage().contains("user first"));
    }

    @Test
    void aLongContextLosesWholeTurnsTheOldestFirst() {
        Continuation format = Continuation.plain(CONTROL);
        for (int turns = 1; turns <= 3; turns++) {
            int[] fits = format.prompt(TALK.latest(turns)).encode(LETTERS);
            assertArrayEquals(fits, new PromptEncoder(format, LETTERS, fits.length).prompt(TALK));
            if (turns == 1) continue;
            assertArrayEquals(format.prompt(TALK.latest(turns - 1)).encode(LETTERS),
                    new PromptEncoder(format, LETTERS, fits.length - 1).prompt(TALK));
        }
    }

    @Test
    void aNewestTurnThatIsTooLongLosesItsStart() {
        Continuation format = Continuation.plain(CONTROL);
        PromptEncoder encoder = new PromptEncoder(format, LETTERS, 11);
        assertEquals("A: you?\nB:", LETTERS.decode(encoder.prompt(TALK)).strip());
        assertEquals("A: ghij\nB:", LETTERS.decode(new PromptEncoder(format, LETTERS, 10)
                .prompt(Context.of("abcdefghij"))));
        assertTrue(assertThrows(BadInput.class, () -> new PromptEncoder(format, LETTERS, 6).prompt(TALK)).getMessage()
                .contains("no room"));
    }

    @Test
    void theFirstStopStringCounts() {
        StopRules rules = new StopRules(List.of("\n", "A:"), Set.of(3));
        assertEquals(2, rules.find("a A: b\n"));
        assertEquals(-1, rules.find("a"));
        assertTrue(rules.stopsAt(3));
        assertFalse(rules.stopsAt(4));
    }
}
