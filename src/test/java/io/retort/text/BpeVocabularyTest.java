package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;

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
        refused(new BpeVocabulary(List.of("a", ""), none, List.of(), "gpt-2"), "token 1 is empty");
        refused(new BpeVocabulary(tokens, new int[]{1, 1}, List.of(), "gpt-2"), "types of 2");
        for (String merge : new String[]{"a c", "c a", "b a", "ab", "a", "", " ", "  ", " a", "a ", "a  b", "a b a"}) {
            refused(new BpeVocabulary(tokens, none, List.of("a b", merge), "gpt-2"), "merge 1 (`" + merge + "`)");
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
