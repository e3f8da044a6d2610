package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
import io.retort.files.BadInput;
import io.retort.generate.Chat;
import io.retort.generate.Continuation;
import io.retort.generate.ControlTokens;
import io.retort.generate.PromptEncoder;
import io.retort.generate.TeacherText;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.TrainingText;
import io.retort.text.SpecialTokens;
import io.retort.text.Tokenizer;
import io.retort.text.template.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class DialogueTextsTest {
    private static final Path SMOLLM = Path.of("../shared/weights/smollm2-135m-instruct-q4_1.gguf");
    private final Continuation format = Continuation.plain(ControlTokens.none());
    private final Tokenizer tokenizer = new CodePoints();

    private static Dialogue dialogue(String... turns) {
        List<Turn> all = new ArrayList<>();
        for (String turn : turns) all.add(new Turn(all.size() % 2 == 0 ? "x" : "y", turn));
        return new Dialogue("1", "", all);
    }

    private static String text(TrainingText text, boolean targetsOnly) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < text.tokens().length; i++) {
            if (!targetsOnly || text.targets()[i]) letters.appendCodePoint(text.tokens()[i]);
        }
        return letters.toString();
    }

    @Example
    void turnsAreLearnedAndLabelsAreNot() {
        DialogueTexts texts = new DialogueTexts(format, tokenizer, 100, 1);
        List<DialogueTexts.Window> windows = texts.windows(dialogue("hi", "hello\nyou", "bye"));
        assertEquals(1, windows.size());
        TrainingText text = texts.text(windows.getFirst(), false);
        assertEquals("A: hi\nB: hello you\nA: bye\n", text(text, false));
        assertEquals(" hi\n hello you\n bye\n", text(text, true));
        assertEquals("B: hi\nA: hello you\nB: bye\n", text(texts.text(windows.getFirst(), true), false));
        assertEquals(text.tokens().length, windows.getFirst().tokens());
    }

    @Example
    void aLongDialogueIsCutBetweenTurnsAndLaterPartsReadTheTurnBefore() {
        DialogueTexts texts = new DialogueTexts(format, tokenizer, 20, 1);
        List<DialogueTexts.Window> windows = texts.windows(dialogue("one", "two", "three", "four", "x".repeat(50)));
        List<String> all = windows.stream().map(window -> text(texts.text(window, false), false)).toList();
        assertEquals(List.of("A: one\nB: two\n", "A: two\nB: three\n", "A: three\nB: four\n",
                "A: " + "x".repeat(17)), all);
        assertEquals(" three\n", text(texts.text(windows.get(1), false), true));
    }

    @Property(tries = 200)
    void everyTurnIsLearnedOnceAndNoWindowIsTooLong(@ForAll @Size(min = 1, max = 12) List<@IntRange(min = 1,
            max = 40) Integer> lengths, @ForAll @IntRange(min = 12, max = 60) int most,
            @ForAll @IntRange(max = 4) int history) {
        DialogueTexts texts = new DialogueTexts(format, tokenizer, most, history);
        String[] turns = IntStream.range(0, lengths.size())
                .mapToObj(i -> Character.toString('a' + i).repeat(lengths.get(i))).toArray(String[]::new);
        StringBuilder learned = new StringBuilder();
        for (DialogueTexts.Window window : texts.windows(dialogue(turns))) {
            TrainingText text = texts.text(window, true);
            assertTrue(text.tokens().length <= most);
            learned.append(text(text, true));
        }
        StringBuilder expected = new StringBuilder();
        for (String turn : turns) {
            String line = " " + turn + "\n";
            expected.append(line, 0, Math.min(line.length(), most - 2));
        }
        assertEquals(expected.toString(), learned.toString());
    }

    /** What is trained is what is asked for later. */
    @Example
    void aTextIsThePromptWithItsReplyTokenForToken() throws IOException {
        assumeTrue(Files.exists(SMOLLM), SMOLLM + " is not here");
        try (LanguageModelFiles files = LanguageModelFiles.open(SMOLLM)) {
            TeacherText teacher = TeacherText.of(files);
            try (Tokenizer words = teacher.tokenizer()) {
                Continuation real = new Continuation(List.of("Two friends talk."), teacher.control());
                String[] turns = {"How's your day, 2024-style?!", "Fine...  thanks", "Really? \"ok\"", "Yes :)"};
                DialogueTexts texts = new DialogueTexts(real, words, 200, 2);
                int[] tokens = texts.text(texts.windows(dialogue(turns)).getFirst(), true).tokens();
                PromptEncoder encoder = new PromptEncoder(real, words, 200);
                int[] prompt = encoder.prompt(new Context(List.of(turns).subList(0, 3)));
                int[] reply = encoder.reply(turns[3]);
                int[] whole = Arrays.copyOf(prompt, prompt.length + reply.length);
                System.arraycopy(reply, 0, whole, prompt.length, reply.length);
                int[] other = texts.text(texts.windows(dialogue(turns)).getFirst(), false).tokens();
                assertArrayEquals(whole, other);
                assertEquals(other.length, tokens.length);
            }
        }
    }

    private static final String CHATML = "{% for m in messages %}{{ '[' + m['role'] + ']' + m['content'] + '|' + '\n' }}"
            + "{% endfor %}{% if add_generation_prompt %}{{ '[assistant]' }}{% endif %}";

    private Chat chat(String template, String system) {
        return new Chat(ChatTemplate.parse(template), system, ControlTokens.none(), tokenizer);
    }

    @Example
    void ofAChatTheAssistantsTurnsAreLearnedAndTheRestIsRead() {
        DialogueTexts texts = new DialogueTexts(chat(CHATML, "be kind"), tokenizer, 200, 1);
        DialogueTexts.Window window = texts.windows(dialogue("hi", "hello", "bye", "yes")).getFirst();
        TrainingText text = texts.text(window, false);
        assertEquals("[system]be kind|\n[user]hi|\n[assistant]hello|\n[user]bye|\n[assistant]yes|\n",
                text(text, false));
        assertEquals("hello|\nyes|\n", text(text, true));
        text = texts.text(window, true);
        assertEquals("[system]be kind|\n[assistant]hi|\n[user]hello|\n[assistant]bye|\n", text(text, false),
                "the user's last turn teaches nothing");
        assertEquals("hi|\nbye|\n", text(text, true));
    }

    @Example
    void whereTheUserMustBeginTheAssistantsFirstTurnIsLeftOut() {
        String strict = "{% if messages[0]['role'] != 'user' %}{{ raise_exception('no') }}{% endif %}" + CHATML;
        DialogueTexts texts = new DialogueTexts(chat(strict, ""), tokenizer, 200, 1);
        DialogueTexts.Window window = texts.windows(dialogue("hi", "hello", "bye")).getFirst();
        assertEquals("[user]hello|\n[assistant]bye|\n", text(texts.text(window, true), false));
        window = texts.windows(dialogue("hi", "hello")).getFirst();
        assertEquals("hello|\n", text(texts.text(window, true), true), "the roles the other way round");
        assertEquals(List.of(), texts.windows(dialogue("hi")));
    }

    @Example
    void aTemplateThatRewritesWhatWasSaidIsRefused() {
        String last = "{% for m in messages %}{{ '[' + m['role'] + ']' }}{% if loop.last %}{{ m['content'] }}{% endif %}"
                + "{{ '|' }}{% endfor %}{% if add_generation_prompt %}{{ '[assistant]' }}{% endif %}";
        String said = assertThrows(BadInput.class, () -> new DialogueTexts(chat(last, ""), tokenizer, 200, 1))
                .getMessage();
        assertTrue(said.contains("earlier messages") && said.contains("`continuation`"), said);
    }

    @Property(tries = 200)
    void everyTurnOfAChatIsLearnedOnceByOneRoleOrTheOther(@ForAll @Size(min = 2, max = 12) List<@IntRange(min = 1,
            max = 40) Integer> lengths, @ForAll @IntRange(min = 60, max = 150) int most,
            @ForAll @IntRange(max = 4) int history) {
        DialogueTexts texts = new DialogueTexts(chat(CHATML, ""), tokenizer, most, history);
        String[] turns = IntStream.range(0, lengths.size())
                .mapToObj(i -> Character.toString('a' + i).repeat(lengths.get(i))).toArray(String[]::new);
        long learned = 0;
        for (DialogueTexts.Window window : texts.windows(dialogue(turns))) {
            List<String> both = new ArrayList<>();
            for (boolean first : new boolean[]{false, true}) {
                TrainingText text = texts.text(window, first);
                assertTrue(text.tokens().length <= most);
                both.addAll(text(text, true).lines().toList());
            }
            learned += both.stream().distinct().count();
        }
        assertEquals(turns.length, learned);
    }

    /** What is trained is what is asked for later: every assistant's turn after the prompt of what precedes it. */
    @Example
    void aChatIsThePromptsWithTheirRepliesTokenForToken() throws IOException {
        assumeTrue(Files.exists(SMOLLM), SMOLLM + " is not here");
        try (LanguageModelFiles files = LanguageModelFiles.open(SMOLLM)) {
            TeacherText teacher = TeacherText.of(files);
            try (Tokenizer words = teacher.tokenizer()) {
                Chat real = new Chat(ChatTemplate.parse(teacher.chatTemplate().orElseThrow()), Chat.HUMAN,
                        teacher.control(), words);
                String[] turns = {"How's your day, 2024-style?!", "Fine...  thanks", "Really? \"ok\"", "Yes :)",
                    "1 + 1?"};
                DialogueTexts texts = new DialogueTexts(real, words, 400, 2);
                PromptEncoder encoder = new PromptEncoder(real, words, 400);
                for (boolean first : new boolean[]{false, true}) {
                    TrainingText text = texts.text(texts.windows(dialogue(turns)).getFirst(), first);
                    for (int i = first ? 2 : 1; i < turns.length; i += 2) {
                        int[] prompt = encoder.prompt(new Context(List.of(turns).subList(0, i)));
                        int[] reply = encoder.reply(turns[i]);
                        assertArrayEquals(prompt, Arrays.copyOf(text.tokens(), prompt.length));
                        int end = prompt.length + reply.length;
                        assertArrayEquals(reply, Arrays.copyOfRange(text.tokens(), prompt.length, end));
                        for (int t = prompt.length; t < end; t++) assertTrue(text.targets()[t]);
                        assertFalse(text.targets()[prompt.length - 1]);
                    }
                }
            }
        }
    }

    /** A token is a code point. */
    private record CodePoints() implements Tokenizer {
        @Override
        public int[] encode(String text) {
            return text.codePoints().toArray();
        }

        @Override
        public String decode(int[] ids) {
            return new String(ids, 0, ids.length);
        }

        @Override
        public OptionalInt id(String token) {
            return OptionalInt.empty();
        }

        @Override
        public SpecialTokens specialTokens() {
            return new SpecialTokens(Map.of());
        }

        @Override
        public int vocabularySize() {
            return Character.MAX_CODE_POINT + 1;
        }

        @Override
        public void close() {
        }
    }
}
