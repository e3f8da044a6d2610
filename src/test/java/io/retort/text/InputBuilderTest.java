package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class InputBuilderTest {
    private static final Tokenizer TOKENIZER = MiniLm.TOKENIZER;
    private static final int CLS = 101;
    private static final int SEP = 102;

    @Test
    void turnsAreJoinedBySeparatorsAndFramedOnce() {
        int[] ids = builder(128, 64).context(Context.of("hello", "world"));
        assertArrayEquals(new int[]{CLS, 7592, SEP, 2088, SEP}, ids);
        assertArrayEquals(new int[]{CLS, 7592, SEP}, builder(128, 64).reply("Hello"));
    }

    @Test
    void wholeTurnsAreDroppedFromTheOldest() {
        Context context = Context.of("hello hello", "world world", "hello");
        assertArrayEquals(new int[]{CLS, 2088, 2088, SEP, 7592, SEP}, builder(7, 8).context(context));
        assertArrayEquals(new int[]{CLS, 7592, SEP}, builder(5, 8).context(context));
    }

    @Test
    void ofANewestTurnThatIsTooLongTheEndIsKeptAndOfAReplyTheStart() {
        assertArrayEquals(new int[]{CLS, 2088, 2088, SEP}, builder(4, 4).context(Context.of("hello world world")));
        assertArrayEquals(new int[]{CLS, 7592, 2088, SEP}, builder(4, 4).reply("hello world world"));
    }

    @Test
    void specialTokensTypedByAUserAreOrdinaryText() {
        int[] ids = builder(128, 64).context(Context.of("[CLS] hi [SEP]", "[SEP]"));
        assertEquals(1, count(ids, CLS));
        assertEquals(2, count(ids, SEP));
    }

    @Test
    void turnsOfWhichNothingIsLeftAreSkippedWithTheirSeparator() {
        int[] ids = builder(128, 64).context(Context.of("hello", "\u0301", "world", "\u0301\u0301"));
        assertArrayEquals(new int[]{CLS, 7592, SEP, 2088, SEP}, ids);
        assertArrayEquals(new int[]{CLS, SEP}, builder(128, 64).reply("\u0301"));
    }

    @Test
    void prefixesStandBeforeTheOldestKeptTurnAndSurviveCutting() {
        TextFormat e5 = TextFormat.bert().withPrefixes("query: ", "passage: ");
        int[] query = TOKENIZER.encode("query:");
        int[] ids = new InputBuilder(TOKENIZER, e5).context(Context.of("hello", "world"));
        assertArrayEquals(new int[]{CLS, query[0], query[1], 7592, SEP, 2088, SEP}, ids);
        int[] cut = new InputBuilder(TOKENIZER, e5.withLengths(6, 8)).context(Context.of("hello", "world world world"));
        assertArrayEquals(new int[]{CLS, query[0], query[1], 2088, 2088, SEP}, cut);
        assertThrows(BadInput.class, () -> new InputBuilder(TOKENIZER, e5.withLengths(4, 64)));
    }

    @Test
    void aFormatTheTokenizerCannotServeIsRefused() {
        TextFormat roberta = new TextFormat("<s>", "</s>", "</s>", "<pad>", 128, 64, "", "");
        assertTrue(assertThrows(BadInput.class, () -> new InputBuilder(TOKENIZER, roberta)).getMessage()
                .contains("`<s>`"));
        assertThrows(BadInput.class, () -> TextFormat.bert().withLengths(2, 64));
        assertThrows(BadInput.class, () -> TextFormat.bert().withLengths(64, 0));
        InputBuilder unframed = new InputBuilder(TOKENIZER, new TextFormat("", "", "", "[PAD]", 8, 8, "", ""));
        assertThrows(BadInput.class, () -> unframed.reply("\u0001"));
    }

    @Test
    void tenThousandTurnsAreCutToTheNewest() {
        Context context = new Context(IntStream.range(0, 10_000).mapToObj(i -> "turn " + i).toList());
        int[] ids = builder(16, 8).context(context);
        assertTrue(ids.length <= 16);
        assertTrue(TOKENIZER.decode(ids).endsWith("turn 9999"), TOKENIZER.decode(ids));
    }

    @Property(tries = 150)
    void aContextNeverExceedsItsLimitAndHoldsItsNewestTurn(@ForAll("turns") List<String> turns,
            @ForAll @IntRange(min = 3, max = 40) int limit) {
        int[] ids = builder(limit, 8).context(new Context(turns));
        assertTrue(ids.length <= limit);
        assertEquals(CLS, ids[0]);
        assertEquals(SEP, ids[ids.length - 1]);
        assertEquals(1, count(ids, CLS));
        int[] newest = TOKENIZER.encode(turns.getLast());
        int kept = Math.min(newest.length, limit - 2);
        assertArrayEquals(Arrays.copyOfRange(newest, newest.length - kept, newest.length),
                Arrays.copyOfRange(ids, ids.length - 1 - kept, ids.length - 1));
    }

    @Property(tries = 150)
    void aContextHoldsAsManyWholeNewestTurnsAsFit(@ForAll("turns") List<String> turns,
            @ForAll @IntRange(min = 3, max = 40) int limit) {
        List<int[]> encoded = turns.stream().map(TOKENIZER::encode).toList();
        int length = 1;
        int fitting = 0;
        while (fitting < turns.size() && length + encoded.get(turns.size() - 1 - fitting).length + 1 <= limit) {
            length += encoded.get(turns.size() - 1 - fitting).length + 1;
            fitting++;
        }
        int[] ids = builder(limit, 8).context(new Context(turns));
        assertEquals(Math.max(1, fitting), count(ids, SEP));
        assertEquals(fitting == 0 ? limit : length, ids.length);
    }

    @Property(tries = 100)
    void aReplyIsItsStart(@ForAll("turns") List<String> turns, @ForAll @IntRange(min = 3, max = 40) int limit) {
        String text = String.join(" ", turns);
        int[] whole = TOKENIZER.encode(text);
        int[] ids = builder(8, limit).reply(text);
        int kept = Math.min(whole.length, limit - 2);
        assertEquals(kept + 2, ids.length);
        assertArrayEquals(Arrays.copyOf(whole, kept), Arrays.copyOfRange(ids, 1, kept + 1));
    }

    @Provide
    Arbitrary<List<String>> turns() {
        Arbitrary<String> words = Arbitraries.of("hello", "[SEP]", "wörld", "😀", "unbelievable", "?!", "中文", "[CLS]");
        return words.list().ofMinSize(1).ofMaxSize(8).map(list -> String.join(" ", list)).list().ofMinSize(1)
                .ofMaxSize(8);
    }

    private static InputBuilder builder(int contextTokens, int replyTokens) {
        return new InputBuilder(TOKENIZER, TextFormat.bert().withLengths(contextTokens, replyTokens));
    }

    private static int count(int[] ids, int id) {
        return Collections.frequency(Arrays.stream(ids).boxed().toList(), id);
    }
}
