package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.graph.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link KeyValueCache} promises, on the SIMD engine, to the bit. */
class DecoderCacheTest {
    private static final Engine ENGINE = Engine.simd(2);

    private final Random random = new Random(3);
    private LanguageModel model;
    private KeyValueCache cache;

    @BeforeEach
    void open() throws IOException {
        model = TinyDecoder.of("tiny-llama").load(ENGINE);
        cache = model.cache();
    }

    @AfterEach
    void close() {
        cache.close();
        model.close();
    }

    private int[] tokens(int count) {
        return random.ints(count, 0, model.vocabularySize()).toArray();
    }

    private float[] append(Sequence sequence, int... tokens) {
        return cache.append(List.of(sequence), List.of(tokens))[0];
    }

    @Test
    void aSequenceAmongOthersHasTheBitsOfOneAlone() {
        int[] prompt = tokens(19), reply = tokens(20);
        List<float[]> alone = new ArrayList<>();
        Sequence single = cache.begin();
        alone.add(append(single, prompt));
        for (int token : reply) alone.add(append(single, token));

        List<Sequence> many = new ArrayList<>();
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            many.add(cache.begin());
            prompts.add(i == 11 ? prompt : tokens(1 + random.nextInt(24)));
        }
        assertArrayEquals(alone.getFirst(), cache.append(many, prompts)[11]);
        for (int t = 0; t < reply.length; t++) {
            List<int[]> next = new ArrayList<>();
            for (int i = 0; i < many.size(); i++) next.add(i == 11 ? new int[]{reply[t]} : tokens(1));
            assertArrayEquals(alone.get(t + 1), cache.append(many, next)[11]);
        }
    }

    @Test
    void twoCachesThatTakeTurnsGiveTheBitsOfEachAlone() {
        int[] tokens = tokens(20), others = tokens(20);
        List<float[]> alone = new ArrayList<>();
        Sequence single = cache.begin();
        for (int token : tokens) alone.add(append(single, token));
        try (KeyValueCache first = model.cache(); KeyValueCache second = model.cache()) {
            Sequence one = first.begin(), two = second.begin();
            for (int t = 0; t < tokens.length; t++) {
                assertArrayEquals(alone.get(t), first.append(List.of(one), List.of(new int[]{tokens[t]}))[0]);
                second.append(List.of(two), List.of(new int[]{others[t]}));
            }
        }
    }

    @Test
    void aSharedPrefixGivesTheBitsOfOneComputedAnew() {
        int[] prefix = tokens(21);
        Sequence parent = cache.begin();
        append(parent, prefix);
        Sequence fork = parent.fork(), other = parent.fork();
        append(other, tokens(5));
        parent.close();
        other.close();
        append(cache.begin(), tokens(40)); // where those lay
        Sequence anew = cache.begin();
        append(anew, prefix);
        int[] more = tokens(9);
        assertEquals(anew.length(), fork.length());
        assertArrayEquals(append(anew, more), append(fork, more));
    }

    @Test
    void aPromptInOneCallGivesTheBitsOfItsTokensOneByOne() {
        int[] prompt = tokens(30);
        Sequence whole = cache.begin(), slow = cache.begin();
        float[] logits = append(whole, prompt), last = null;
        for (int token : prompt) last = append(slow, token);
        assertArrayEquals(last, logits);
    }

    @Test
    void candidatesScoreTheSameInWhateverCompanyAndLeaveTheSequenceAsItIs() {
        Sequence context = cache.begin();
        append(context, tokens(13));
        List<int[]> candidates = List.of(tokens(5), tokens(1), tokens(12), tokens(3));
        float[][] together = cache.score(List.of(context, context, context, context), candidates);
        for (int i = 0; i < together.length; i++) {
            assertArrayEquals(cache.score(List.of(context), List.of(candidates.get(i)))[0], together[i]);
        }
        assertEquals(13, context.length());
    }

    @Test
    void aScoreIsTheLogarithmOfTheProbabilityThatAppendGives() {
        Sequence context = cache.begin();
        float[] logits = append(context, tokens(8));
        int[] candidate = tokens(6);
        float[] scores = cache.score(List.of(context), List.of(candidate))[0];
        for (int t = 0; t < candidate.length; t++) {
            double sum = 0;
            for (float logit : logits) sum += Math.exp(logit);
            assertEquals(logits[candidate[t]] - Math.log(sum), scores[t], 1e-5);
            logits = append(context, candidate[t]);
        }
    }

    @Test
    void theCacheGrowsAndForgetsNothing() {
        Sequence first = cache.begin();
        int[] prompt = tokens(20);
        append(first, prompt);
        List<Sequence> many = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            many.add(cache.begin());
            append(many.getLast(), tokens(30)); // 1200 tokens: beyond what it starts with, twice
        }
        many.forEach(Sequence::close);
        try (KeyValueCache other = model.cache()) {
            Sequence anew = other.begin();
            other.append(List.of(anew), List.of(prompt));
            assertArrayEquals(other.append(List.of(anew), List.of(new int[]{7}))[0], append(first, 7));
        }
    }

    @Test
    void whatDoesNotFitTheContextIsRefusedAndTheSequenceStaysAsItWas() {
        Sequence sequence = cache.begin();
        append(sequence, tokens(40));
        BadInput refusal = assertThrows(BadInput.class, () -> append(sequence, tokens(9)));
        assertTrue(refusal.getMessage().contains("48"), refusal.getMessage());
        assertThrows(BadInput.class, () -> cache.score(List.of(sequence), List.of(tokens(9))));
        assertEquals(40, sequence.length());
        append(sequence, tokens(8));
        assertEquals(48, sequence.length());
    }

    @Test
    void misuseIsRefused() {
        Sequence sequence = cache.begin();
        assertThrows(IllegalArgumentException.class, () -> cache.score(List.of(sequence), List.of(tokens(2))));
        assertThrows(IllegalArgumentException.class, () -> append(sequence));
        assertThrows(IllegalArgumentException.class,
                () -> cache.append(List.of(sequence, sequence), List.of(tokens(1), tokens(1))));
        assertThrows(IndexOutOfBoundsException.class, () -> append(sequence, model.vocabularySize()));
        sequence.close();
        sequence.close();
        assertThrows(IllegalArgumentException.class, () -> append(sequence, 1));
        assertThrows(IllegalStateException.class, sequence::fork);
        try (KeyValueCache other = model.cache()) {
            assertThrows(IllegalArgumentException.class,
                    () -> other.append(List.of(cache.begin()), List.of(tokens(1))));
        }
    }
}
