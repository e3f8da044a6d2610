package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import com.fasterxml.jackson.databind.JsonNode;

import io.retort.files.BadInput;

class BpeVocabularyTest {
    private static final Path ORIGIN = Path.of("model.gguf");

    @Test
    void idsAndDecodedTextAreThoseOfTheReferenceLibraryByEveryRule() {
        assertEquals(4, agreesByEveryRule(BpeSample.GOLDEN));
    }

    /** See {@code bench/peers/bpe_golden.py}: a real model's vocabulary on tens of thousands of turns. */
    @Test
    void idsOfARealVocabularyAreThoseOfTheReferenceLibrary() throws IOException {
        String golden = System.getProperty("retort.bpe.golden");
        assumeTrue(golden != null, "-Dretort.bpe.golden names no golden file");
        assertEquals(1, agreesByEveryRule(BpeSample.read(Path.of(golden))));
    }

    private static int agreesByEveryRule(JsonNode golden) {
        JsonNode rules = golden.get("rules");
        rules.properties().forEach(rule -> {
            try (Tokenizer tokenizer = BpeSample.vocabulary(golden, rule.getKey()).tokenizer(ORIGIN)) {
                assertTrue(rule.getValue().size() > 100);
                for (JsonNode expected : rule.getValue()) {
                    String text = expected.get("text").textValue();
                    int[] ids = BpeSample.ints(expected.get("ids"));
                    assertArrayEquals(ids, tokenizer.encode(text), () -> rule.getKey() + ": " + text);
                    assertEquals(expected.get("decoded").textValue(), tokenizer.decode(ids));
                }
            }
        });
        return rules.size();
    }

    @Test
    void aRuleHasManyNames() {
        assertEquals(PreTokenizer.GPT2, PreTokenizer.named("gpt-2"));
        assertEquals(PreTokenizer.LLAMA3, PreTokenizer.named("llama3"));
        for (PreTokenizer rule : PreTokenizer.values()) {
            vocabulary(rule == PreTokenizer.DEFAULT ? "default" : "falcon").tokenizer(ORIGIN).close();
        }
    }

    @Test
    void theDefaultRuleCutsPunctuationAndThreesOfDigits() {
        List<String> tokens = List.of("a", "!", "?", "1", "!?", "11", "1111", "a!", "Ġ");
        List<String> merges = List.of("! ?", "1 1", "11 11", "a !");
        try (Tokenizer tokenizer = new BpeVocabulary(tokens, new int[0], merges, "default").tokenizer(ORIGIN)) {
            assertArrayEquals(new int[]{0, 4, 5, 3, 3}, tokenizer.encode("a!?1111"));
        }
    }

    @Test
    void anUnknownRuleIsRefusedWithTheKnownOnes() {
        String message = assertThrows(BadInput.class, () -> vocabulary("tea-leaves").tokenizer(ORIGIN)).getMessage();
        assertTrue(message.startsWith("model.gguf: the pre-tokenizer `tea-leaves` is not known"), message);
        assertTrue(message.contains("gpt-2") && message.contains("smollm"), message);
    }

    @Test
    void contradictionsAreRefusedByName() {
        List<String> tokens = List.of("a", "b", "ab");
        int[] none = {};
        refused(new BpeVocabulary(List.of(), none, List.of(), "gpt-2"), "0 tokens");
        refused(new BpeVocabulary(List.of("a", "b", "a"), none, List.of(), "gpt-2"), "tokens 0 and 2 are both `a`");
        refused(new BpeVocabulary(tokens, new int[]{1, 1}, List.of(), "gpt-2"), "types of 2");
        for (String merge : new String[]{"ab", "a", "", " ", "  ", " a", "a ", "a  b", "a b a"}) {
            refused(new BpeVocabulary(tokens, none, List.of("a b", merge), "gpt-2"), "merge 1 (`" + merge + "`)");
        }
    }

    /** As llama.cpp reads it: tokens that were taken out of a vocabulary leave their merges behind. */
    @Test
    void aMergeOfTokensThatTheVocabularyLacksIsMadeAndFallsApartIntoLetters() {
        List<String> tokens = List.of("a", "b", "c", "bc");
        List<String> merges = List.of("a b", "b c", "x y", "c x");
        try (Tokenizer tokenizer = new BpeVocabulary(tokens, new int[0], merges, "gpt-2").tokenizer(ORIGIN)) {
            assertArrayEquals(new int[]{0, 1, 2}, tokenizer.encode("abc"), "`ab` is made first, so `bc` is not");
            assertArrayEquals(new int[]{3}, tokenizer.encode("bc"));
            assertArrayEquals(new int[]{2}, tokenizer.encode("cxy"));
            assertEquals(4, tokenizer.vocabularySize());
            assertTrue(tokenizer.id("ab").isEmpty());
        }
    }

    @Test
    void aTokenWithoutTextTakesItsIdAndNothingElse() {
        try (Tokenizer tokenizer = new BpeVocabulary(List.of("a", "", "b"), new int[]{1, 1, 1, 1}, List.of(), "gpt-2")
                .tokenizer(ORIGIN)) {
            assertArrayEquals(new int[]{0, 2}, tokenizer.encode("ab"));
            assertEquals("ab", tokenizer.decode(new int[]{0, 2}));
        }
    }

    @ParameterizedTest
    @MethodSource("io.retort.text.PreTokenizer#known")
    void everyKnownRuleKeepsAllOfAText(String rule) {
        String text = "It's 12345 O'CLOCK, don't you\u0301 think?!\n\n  \u4f60\u597d fooBar /x/ \ud83d\ude42\t end  ";
        try (Tokenizer tokenizer = vocabulary(rule).tokenizer(ORIGIN)) {
            assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
        }
    }

    @Test
    void whatLlamaCppTakesForOneRuleIsOneRule() {
        for (String name : List.of("falcon3", "lfm2", "pixtral", "falcon-h1")) {
            assertEquals(PreTokenizer.LLAMA3, PreTokenizer.named(name));
        }
        for (String name : List.of("deepseek-r1-qwen", "megrez", "hunyuan", "grok-2")) {
            assertEquals(PreTokenizer.QWEN2, PreTokenizer.named(name));
        }
        assertTrue(vocabulary("llama-bpe").beginsText(ORIGIN) && vocabulary("tekken").beginsText(ORIGIN));
        assertFalse(vocabulary("gpt-2").beginsText(ORIGIN) || vocabulary("qwen2").beginsText(ORIGIN));
    }

    @Test
    void addedTokensAreDecodedAsTheyAreWrittenAndNotAsBytes() {
        List<String> tokens = List.of("G", "r", "\u00c3", "\u00b6", "Gr\u00f6\u00dfe", "je\u010dn\u00fd");
        int[] types = {1, 1, 1, 1, BpeVocabulary.USER_DEFINED, BpeVocabulary.USER_DEFINED};
        try (Tokenizer tokenizer = new BpeVocabulary(tokens, types, List.of(), "gpt-2").tokenizer(ORIGIN)) {
            assertEquals("Gr\u00f6\u00dfeje\u010dn\u00fdGr\u00f6",
                    tokenizer.decode(new int[]{4, 5, 0, 1, 2, 3}));
            assertArrayEquals(new int[]{4, 0}, tokenizer.encode("Gr\u00f6\u00dfeG"));
        }
    }

    @Test
    void whatEndsAMessageByItsNameIsSpecialWhateverItsType() {
        List<String> tokens = List.of("a", "<|im_end|>", "<|end|>", "<|call|>", "<|return|>");
        try (Tokenizer tokenizer = new BpeVocabulary(tokens, new int[0], List.of(), "gpt-2").tokenizer(ORIGIN)) {
            assertEquals(Set.of(1, 3, 4), tokenizer.specialTokens().ends(), "<|end|> ends a part of an answer there");
            assertEquals("a", tokenizer.decode(new int[]{0, 1}));
        }
        try (Tokenizer tokenizer = new BpeVocabulary(tokens.subList(0, 3), new int[0], List.of(), "gpt-2")
                .tokenizer(ORIGIN)) {
            assertEquals(Set.of(1, 2), tokenizer.specialTokens().ends());
        }
    }

    private static void refused(BpeVocabulary vocabulary, String problem) {
        String message = assertThrows(BadInput.class, () -> vocabulary.tokenizer(ORIGIN)).getMessage();
        assertTrue(message.startsWith("model.gguf: ") && message.contains(problem), message);
    }

    @Test
    void aByteThatNoTokenStandsForIsLeftOut() {
        assertArrayEquals(BpeSample.joined(BpeSample.TOKENIZER.encode("a"), BpeSample.TOKENIZER.encode("b")),
                BpeSample.TOKENIZER.encode("a\0b"));
    }

    @Test
    void tokensThatTextIsSearchedForComeOutOfText() {
        List<String> tokens = List.of("a", "<tab>", "<secret>", "<", ">");
        int[] types = {1, BpeVocabulary.USER_DEFINED, BpeVocabulary.CONTROL, 1, 1};
        try (Tokenizer tokenizer = new BpeVocabulary(tokens, types, List.of(), "gpt-2").tokenizer(ORIGIN)) {
            assertArrayEquals(new int[]{0, 1, 0}, tokenizer.encode("a<tab>a"));
            assertArrayEquals(new int[]{3, 4}, tokenizer.encode("<secret>"));
            assertEquals("<tab>a", tokenizer.decode(new int[]{1, 2, 0}));
        }
    }

    /** Every change either gives a tokenizer that works or is refused; a panic of the native library would end the JVM. */
    @Test
    void mutatedVocabulariesAreRefusedOrWork() {
        BpeVocabulary whole = vocabulary("smollm");
        Random random = new Random(5);
        int refused = 0;
        for (int round = 0; round < 300; round++) {
            List<String> tokens = new ArrayList<>(whole.tokens());
            List<String> merges = new ArrayList<>(whole.merges());
            int[] types = whole.types().clone();
            int changes = 1 + random.nextInt(3);
            for (int i = 0; i < changes; i++) {
                mutation(random, tokens, merges, types).accept(random);
            }
            try (Tokenizer tokenizer = new BpeVocabulary(tokens, types, merges, "smollm").tokenizer(ORIGIN)) {
                tokenizer.decode(tokenizer.encode("a mutated vocabulary 12 \ud83d\ude00"));
            } catch (BadInput e) {
                refused++;
            }
        }
        assertTrue(refused > 50 && refused < 300, refused + " of 300 refused");
    }

    private static Consumer<Random> mutation(Random by, List<String> tokens, List<String> merges, int[] types) {
        return switch (by.nextInt(6)) {
            case 0 -> random -> tokens.set(random.nextInt(tokens.size()), tokens.get(random.nextInt(tokens.size())));
            case 1 -> random -> tokens.set(random.nextInt(tokens.size()), Character.toString(random.nextInt(0x300)));
            case 2 -> random -> merges.set(random.nextInt(merges.size()), merges.get(random.nextInt(merges.size())));
            case 3 -> random -> merges.add(random.nextInt(merges.size()), tokens.get(random.nextInt(tokens.size()))
                    + " " + tokens.get(random.nextInt(tokens.size())));
            case 4 -> random -> types[random.nextInt(types.length)] = random.nextInt(-1, 8);
            default -> random -> tokens.set(random.nextInt(tokens.size()), "\ud800");
        };
    }

    private static BpeVocabulary vocabulary(String rule) {
        return BpeSample.vocabulary(BpeSample.GOLDEN, rule);
    }
}
