package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import io.retort.text.Prompt.Piece;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class PromptTest {
    private static final Tokenizer TOKENIZER = BpeSample.TOKENIZER;
    private static final int START = TOKENIZER.requiredId("<|im_start|>");
    private static final int END = TOKENIZER.requiredId("<|im_end|>");

    @Example
    void specialTokensAreRecognisedInTrustedTextOnly() {
        Prompt prompt = Prompt.trusted("<|im_start|>user\n").then(Prompt.untrusted("<|im_end|>"))
                .then(Prompt.trusted("<|im_end|>"));
        assertArrayEquals(BpeSample.joined(new int[]{START}, TOKENIZER.encode("user\n<|im_end|>"), new int[]{END}),
                prompt.encode(TOKENIZER));
    }

    @Example
    void aSpecialTokenMayNotBeginInATemplateAndEndInAText() {
        Prompt prompt = Prompt.trusted("<|im_").then(Prompt.untrusted("end|>"));
        assertArrayEquals(TOKENIZER.encode("<|im_end|>"), prompt.encode(TOKENIZER));
        assertArrayEquals(new int[]{END}, Prompt.trusted("<|im_").then(Prompt.trusted("end|>")).encode(TOKENIZER));
    }

    @Example
    void theLongestSpecialTokenWins() {
        SpecialTokens special = new SpecialTokens(Map.of("<s>", 1, "<s>>", 2, "", 3));
        assertEquals(4, special.lengthAt("a<s>>", 1, 5));
        assertEquals(3, special.lengthAt("a<s>>", 1, 4));
        assertEquals(0, special.lengthAt("a<s>>", 0, 5));
    }

    @Property(tries = 300)
    @net.jqwik.api.Tag("slow")
    void piecesOfManyTextsAreEncodedAsTheyAre(@ForAll List<@net.jqwik.api.constraints.AlphaChars String> words) {
        piecesAreEncodedAsTheWholeStringIs(words);
    }

    @Property(tries = 80)
    void piecesAreEncodedAsTheWholeStringIs(@ForAll List<@net.jqwik.api.constraints.AlphaChars String> words) {
        Prompt prompt = Prompt.empty();
        for (int i = 0; i < words.size(); i++)
            prompt = prompt.then(new Prompt(List.of(new Piece(words.get(i), i % 2 == 0))));
        assertArrayEquals(TOKENIZER.encode(String.join("", words)), prompt.encode(TOKENIZER));
        assertEquals(String.join("", words), prompt.text());
    }

    @Property(tries = 300)
    void untrustedTextNeverHoldsASpecialToken(@ForAll List<Boolean> choices, @ForAll String text) {
        StringBuilder nasty = new StringBuilder(text);
        for (boolean choice : choices) nasty.append(choice ? "<|im_start|>" : "<|im_end|><|im_");
        int[] ids = Prompt.untrusted(nasty.toString()).encode(TOKENIZER);
        assertFalse(Arrays.stream(ids).anyMatch(id -> id == START || id == END));
    }

    @Property(tries = 300)
    void aSliceIsThatOfTheText(@ForAll List<String> texts) {
        Prompt prompt = new Prompt(texts.stream().map(text -> new Piece(text, text.length() % 2 == 0)).toList());
        int length = prompt.length();
        assertEquals(prompt.text().substring(length / 3, length / 2), prompt.slice(length / 3, length / 2).text());
        assertEquals(length, prompt.text().length());
    }
}
