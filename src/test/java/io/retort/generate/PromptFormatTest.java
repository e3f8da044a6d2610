package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{% if messages[0].role != 'user' %}{{ raise_exception('user first') }}{% endif %}" + CHATML,
                "{% set messages = messages | rejectattr('role', 'equalto', 'system') | list %}" + CHATML})
    void aTemplateWithoutAPlaceForASystemMessageGetsItInFrontOfTheUsersWords(String template) {
        Chat format = chat(template, "Be brief.");
        assertEquals("[user]Be brief.\n\nHow are you?<|end|>\n[assistant]", format.prompt(TALK.latest(1)).text());
        assertEquals("[user]Be brief.\n\nHi.<|end|>\n[assistant]Hello,\n you!<|end|>\n[user]How are you?<|end|>\n"
                + "[assistant]", format.prompt(TALK).text());
        assertEquals("[user]Be brief.<|end|>\n[assistant]", format.unconditional().text());
        assertFalse(format.admits(TALK.latest(2)));
        assertEquals("[user]Be brief.\n\n", format.frame().beforeUser().text());
        assertFalse(format.prompt(TALK).pieces().stream().anyMatch(piece -> piece.trusted()
                && piece.text().contains("Be brief")), "what is said is no special token");
    }

    @Test
    void aTemplateThatRefusesEveryChatSaysSoItself() {
        String refuses = "{{ raise_exception('not for chats') }}";
        String message = assertThrows(BadInput.class, () -> chat(refuses, "Be brief.")).getMessage();
        assertTrue(message.contains("not for chats") && message.contains("continuation"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "Hello.", "{{ bos_token }}{% if add_generation_prompt %}<|end|>{% endif %}",
        "{% for m in messages %}{{ m.role }}{% endfor %}", "{{ messages[0].name }}"})
    void aTemplateThatWritesNothingOfTheMessagesIsRefused(String template) {
        for (String system : List.of("", "extra")) {
            String message = assertThrows(BadInput.class, () -> chat(template, system)).getMessage();
            assertTrue(message.contains("template writes nothing") && message.contains("continuation"), message);
        }
    }

    @Test
    void aTemplateThatLeavesItsLastMessageOpenShowsItsEndBetweenMessages() {
        String open = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% if not (loop.last and m.role == 'assistant') "
                + "%}<|end|>\n{% endif %}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";
        Chat format = chat(open, "");
        assertEquals("Fine.<|end|>", format.reply("Fine.").text());
        assertTrue(format.stops(LETTERS).stopsAt(LETTERS.requiredId("<|end|>")));
        String withoutEnd = "{% for m in messages %}<s>{{ m.role }}: {{ m.content }}{% endfor %}"
                + "{% if add_generation_prompt %}<s>assistant: {% endif %}";
        assertEquals("Fine.", chat(withoutEnd, "").reply("Fine.").text(), "<s> begins messages and ends none");
        assertFalse(chat(withoutEnd, "").stops(LETTERS).stopsAt(LETTERS.requiredId("<s>")));
    }

    @Test
    void aTemplateWritesEverySpecialTokenThatTheModelsFilesName() {
        ControlTokens control = new ControlTokens("<s>", "</s>", "", Map.of("bos_token", "<s>", "sep_token", "<|end|>"),
                Set.of());
        Chat format = new Chat(ChatTemplate.parse("{% for m in messages %}{{ m.content }}{{ sep_token }}{% endfor %}"
                + "{% if pad_token is defined %}?{% endif %}"), "", control, LETTERS);
        assertEquals("Hi.<|end|>", format.prompt(Context.of("Hi.")).text());
    }

    @Test
    void whatIsSaidBeforeATextIsSaidOnceHoweverManyTokensItIs() {
        ControlTokens control = new ControlTokens("<s>", "</s>", "<s><|end|>", Map.of(), Set.of(3));
        int[] ids = Continuation.plain(control).prompt(Context.of("Hi.")).encode(LETTERS);
        assertEquals(LETTERS.requiredId("<s>"), ids[0]);
        assertEquals(LETTERS.requiredId("<|end|>"), ids[1]);
        Chat chat = new Chat(ChatTemplate.parse("{{ '<s>' }}" + CHATML), "", control, LETTERS);
        assertEquals("<s>[user]Hi.<|end|>\n[assistant]", chat.prompt(Context.of("Hi.")).text(), "the template's own");
        assertEquals(Set.of(3, LETTERS.requiredId("</s>")), Continuation.plain(control).stops(LETTERS).tokens());
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
