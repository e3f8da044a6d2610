package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.generate.Constraints.NgramBlock;
import io.retort.generate.Constraints.Where;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the batch must not be seen in, and what it is for. */
class GeneratorTest {
    private static final Letters LETTERS = new Letters("\nabcdefghijklmnopqrstuvwxyz");
    private static final int END = 26;
    private static final StopRules STOP = new StopRules(List.of("\n"), Set.of(END));
    private static final Constraints TWENTY = Constraints.atMost(20);
    private static final Decoding SAMPLING = new Decoding.Sampling(1, 0, 0.9, 7);

    private final TableModel model = new TableModel(LETTERS.vocabularySize(), 64);

    /** Prompts of 1 to 17 tokens, of 1 to {@code most} samples. */
    private static List<GenerationRequest> requests(int count, int most) {
        Random random = new Random(5);
        return IntStream.range(0, count).mapToObj(i -> new GenerationRequest("context " + i,
                random.ints(1 + random.nextInt(17), 1, END).toArray(), 1 + random.nextInt(most))).toList();
    }

    private List<Generation> generate(List<GenerationRequest> requests, Decoding decoding, Constraints constraints,
            int batch) {
        List<Generation> all = new ArrayList<>();
        new Generator(model, LETTERS, new GenerationSettings(decoding, constraints, STOP, batch))
                .generate(requests.iterator(), all::add);
        assertEquals(0, model.open, "open sequences");
        return all;
    }

    private static List<String> texts(List<Generation> generations) {
        return generations.stream().flatMap(generation -> generation.completions().stream())
                .map(Completion::text).toList();
    }

    static Stream<Decoding> decodings() {
        return Stream.of(new Decoding.Greedy(), SAMPLING, new Decoding.Sampling(0.7, 5, 1, 1), Decoding.Beam.of(3));
    }

    @ParameterizedTest
    @MethodSource("decodings")
    void theSameSeedGivesTheSameTextWhateverTheBatching(Decoding decoding) {
        List<GenerationRequest> requests = requests(23, decoding instanceof Decoding.Greedy ? 1 : 3);
        List<String> alone = texts(
                requests.stream().map(one -> generate(List.of(one), decoding, TWENTY, 3).getFirst()).toList());
        for (int batch : new int[]{3, 4, 16, 100}) {
            assertEquals(alone, texts(generate(requests, decoding, TWENTY, batch)), "batches of " + batch);
        }
        assertTrue(new HashSet<>(alone).size() > 10, alone.toString());
    }

    @Test
    void samplesDifferBySeedByRequestAndByNumber() {
        int[] prompt = {3, 4, 5};
        List<GenerationRequest> twins = List.of(new GenerationRequest("a", prompt, 2),
                new GenerationRequest("b", prompt, 2));
        List<String> seven = texts(generate(twins, SAMPLING, TWENTY, 4));
        List<String> eight = texts(generate(twins, new Decoding.Sampling(1, 0, 0.9, 8), TWENTY, 4));
        List<String> all = new ArrayList<>(seven);
        all.addAll(eight);
        assertEquals(8, new HashSet<>(all).size(), all.toString());
    }

    @Test
    void generationsComeInTheOrderOfTheirRequestsWithAllTheirSamples() {
        List<GenerationRequest> requests = requests(40, 7);
        List<Generation> all = generate(requests, SAMPLING, TWENTY, 8);
        assertEquals(requests, all.stream().map(Generation::request).toList());
        for (Generation one : all) assertEquals(one.request().samples(), one.completions().size());
    }

    @Test
    void aPromptIsComputedOnceForAllItsSamples() {
        GenerationRequest request = new GenerationRequest("", IntStream.range(1, 18).toArray(), 10);
        Generation found = generate(List.of(request), SAMPLING, TWENTY, 4).getFirst();
        // The last token of a completion is never computed.
        assertEquals(17 + found.tokens() - 10, model.appended);
    }

    @Test
    void waitingSequencesTakeThePlaceOfFinishedOnes() {
        List<Generation> all = generate(requests(60, 4), SAMPLING, TWENTY, 6);
        assertEquals(6, model.mostRows);
        int computed = all.stream().mapToInt(one -> one.tokens() - one.completions().size()).sum();
        int steps = model.appends - 60; // at most one batch of prompts for each request
        assertTrue(steps <= computed / 5, steps + " steps for " + computed + " tokens in batches of 6");
    }

    @Test
    void requestsAreTakenNoEarlierThanThereIsRoom() {
        List<GenerationRequest> requests = requests(30, 1);
        int[] taken = {0};
        Iterator<GenerationRequest> source = requests.stream().peek(_ -> taken[0]++).iterator();
        int[] told = {0};
        new Generator(model, LETTERS, new GenerationSettings(new Decoding.Greedy(), TWENTY, STOP, 2))
                .generate(source, _ -> assertTrue(taken[0] <= ++told[0] + 20, "taken " + taken[0]));
        assertEquals(30, told[0]);
    }

    @ParameterizedTest
    @MethodSource("decodings")
    void textEndsBeforeWhatStopsIt(Decoding decoding) {
        Set<StopReason> reasons = new HashSet<>();
        for (Generation one : generate(requests(60, 1), decoding, Constraints.atMost(12), 8)) {
            Completion completion = one.completions().getFirst();
            int[] tokens = completion.tokens();
            reasons.add(completion.reason());
            int last = tokens[tokens.length - 1];
            switch (completion.reason()) {
                case END -> assertEquals(END, last);
                case STRING -> assertEquals(0, last);
                case LENGTH -> assertEquals(12, tokens.length);
                case BLOCKED -> throw new AssertionError("nothing is forbidden");
            }
            int text = completion.reason() == StopReason.LENGTH ? tokens.length : tokens.length - 1;
            assertEquals(LETTERS.decode(Arrays.copyOf(tokens, text)), completion.text());
            assertFalse(completion.text().contains("\n"));
        }
        assertEquals(Set.of(StopReason.END, StopReason.STRING, StopReason.LENGTH), reasons);
    }

    @ParameterizedTest
    @MethodSource("decodings")
    void nothingEndsBeforeItsLeastLength(Decoding decoding) {
        Constraints atLeastSix = new Constraints(20, 6, 1, List.of());
        for (Generation one : generate(requests(40, 1), decoding, atLeastSix, 8)) {
            assertTrue(one.completions().getFirst().tokens().length > 6);
        }
    }

    @ParameterizedTest
    @MethodSource("decodings")
    void noBlockedNgramIsRepeated(Decoding decoding) {
        Constraints constraints = new Constraints(20, 0, 1,
                List.of(new NgramBlock(2, Where.REPLY), new NgramBlock(3, Where.PROMPT)));
        for (Generation one : generate(requests(40, 1), decoding, constraints, 8)) {
            int[] prompt = one.request().prompt(), reply = one.completions().getFirst().tokens();
            Set<List<Integer>> seen = new HashSet<>();
            for (int i = 0; i + 2 <= reply.length; i++) assertTrue(seen.add(List.of(reply[i], reply[i + 1])));
            Set<List<Integer>> said = new HashSet<>();
            for (int i = 0; i + 3 <= prompt.length; i++) said.add(List.of(prompt[i], prompt[i + 1], prompt[i + 2]));
            for (int i = 0; i + 3 <= reply.length; i++) {
                assertFalse(said.contains(List.of(reply[i], reply[i + 1], reply[i + 2])));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("decodings")
    void whereEverythingIsForbiddenTheCompletionEnds(Decoding decoding) {
        // Each of 27 tokens once, then nothing is left.
        Constraints once = new Constraints(40, 40, 1, List.of(new NgramBlock(1, Where.REPLY)));
        Completion completion = generate(List.of(new GenerationRequest("", new int[]{1}, 1)), decoding, once, 3)
                .getFirst().completions().getFirst();
        assertEquals(StopReason.BLOCKED, completion.reason());
        assertEquals(25, completion.tokens().length, "all but line break and end");
    }

    @Test
    void aCompletionEndsWithTheModelsContext() {
        int[] prompt = new int[60];
        Constraints endless = new Constraints(50, 50, 1, List.of());
        Completion completion = generate(List.of(new GenerationRequest("", prompt, 1)), new Decoding.Greedy(), endless,
                1).getFirst().completions().getFirst();
        assertEquals(4, completion.tokens().length);
        assertEquals(StopReason.LENGTH, completion.reason());
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 100})
    void aPromptAsLongAsTheContextIsRefusedByName(int length) {
        List<GenerationRequest> requests = List.of(new GenerationRequest("good", new int[]{1}, 1),
                new GenerationRequest("line 17", new int[length], 1));
        String message = assertThrows(BadInput.class, () -> generate(requests, SAMPLING, TWENTY, 4)).getMessage();
        assertTrue(message.contains("line 17") && message.contains(length + " tokens"), message);
        assertEquals(0, model.open, "open sequences");
    }

    @Test
    void moreSamplesThanADecodingHasAreRefused() {
        List<GenerationRequest> four = List.of(new GenerationRequest("x", new int[]{1}, 4));
        assertThrows(BadInput.class, () -> generate(four, new Decoding.Greedy(), TWENTY, 4));
        assertThrows(BadInput.class, () -> generate(four, Decoding.Beam.of(3), TWENTY, 4));
    }

    @Test
    void whatTheCallerThrowsEndsTheWorkAndFreesItsMemory() {
        Generator generator = new Generator(model, LETTERS, new GenerationSettings(SAMPLING, TWENTY, STOP, 4));
        assertThrows(IllegalStateException.class, () -> generator.generate(requests(9, 3).iterator(), _ -> {
            throw new IllegalStateException("disk full");
        }));
        assertEquals(0, model.open, "open sequences");
    }

    @Test
    void aTokenizerOfAnotherModelIsRefused() {
        TableModel small = new TableModel(20, 64);
        assertThrows(BadInput.class,
                () -> new Generator(small, LETTERS, new GenerationSettings(SAMPLING, TWENTY, STOP, 4)));
    }

    @Test
    void repetitionPenaltyMakesWhatWasSaidLessLikely() {
        Constraints penalty = new Constraints(20, 0, 1.5, List.of());
        List<GenerationRequest> requests = requests(40, 1);
        assertNotEquals(texts(generate(requests, SAMPLING, TWENTY, 8)),
                texts(generate(requests, SAMPLING, penalty, 8)));
        assertTrue(repeated(generate(requests, SAMPLING, penalty, 8)) < repeated(
                generate(requests, SAMPLING, TWENTY, 8)));
    }

    private static long repeated(List<Generation> generations) {
        return generations.stream().map(one -> one.completions().getFirst().tokens())
                .mapToLong(tokens -> tokens.length - IntStream.of(tokens).distinct().count()).sum();
    }

    @Test
    void aStopStringMayBeSpreadOverTokens() {
        Letters pairs = new Letters("abc", 2); // a b c ab bc
        StopCheck check = new StopCheck(new StopRules(List.of("cab"), Set.of()), pairs);
        History history = History.of(new int[]{0});
        for (int token : new int[]{1, 4}) {
            history.add(token);
            assertEquals(null, check.reason(history, 9));
        }
        history.add(3);
        assertEquals(StopReason.STRING, check.reason(history, 9));
        Completion completion = check.completion(history, StopReason.STRING);
        assertEquals("bb", completion.text());
        assertArrayEquals(new int[]{1, 4, 3}, completion.tokens());
    }
}
