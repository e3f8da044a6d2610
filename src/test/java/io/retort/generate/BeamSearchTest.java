package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.generate.Decoding.Patience;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A beam that is wide enough looks at everything. */
class BeamSearchTest {
    private static final int VOCABULARY = 5;
    private static final int END = 0;
    private static final int LONGEST = 4;

    /** A text and what it is ranked by. */
    private record Ranked(int[] tokens, double rank) {
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 0", "3, 2", "4, -1", "2, 0.7"})
    void aWideBeamFindsTheBestOfAllTexts(int last, double lengthPenalty) {
        TableModel model = new TableModel(VOCABULARY, 100);
        int[] prompt = {3, last};
        List<Ranked> all = new ArrayList<>();
        enumerate(model, prompt, new int[0], lengthPenalty, all);
        all.sort(Comparator.comparingDouble(text -> -text.rank));
        int width = (int) Math.pow(VOCABULARY, LONGEST - 1);
        Decoding beam = new Decoding.Beam(width, lengthPenalty, Patience.FULL);
        Generation found = new Generator(model, new Letters("abcde"),
                new GenerationSettings(beam, Constraints.atMost(LONGEST), new StopRules(List.of(), Set.of(END)), width))
                .generate(new GenerationRequest("", prompt, 10));
        assertEquals(10, found.completions().size());
        for (int i = 0; i < 10; i++) assertArrayEquals(all.get(i).tokens, found.completions().get(i).tokens());
    }

    private static void enumerate(TableModel model, int[] prompt, int[] tokens, double lengthPenalty,
            List<Ranked> all) {
        int n = tokens.length;
        if (n > 0 && (tokens[n - 1] == END || n == LONGEST)) {
            double sum = Arrays.stream(model.logProbabilities(prompt, tokens)).sum();
            all.add(new Ranked(tokens, sum / Math.pow(n, lengthPenalty)));
            return;
        }
        for (int token = 0; token < VOCABULARY; token++) {
            int[] longer = Arrays.copyOf(tokens, n + 1);
            longer[n] = token;
            enumerate(model, prompt, longer, lengthPenalty, all);
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4"})
    void aBeamOfOneIsGreedy(int last) {
        TableModel model = new TableModel(VOCABULARY, 100);
        List<int[]> texts = IntStream.of(0, 1)
                .mapToObj(i -> i == 0 ? new Decoding.Greedy() : Decoding.Beam.of(1))
                .map(decoding -> new Generator(model, new Letters("abcde"), new GenerationSettings(decoding,
                        Constraints.atMost(9), new StopRules(List.of(), Set.of()), 1)))
                .map(generator -> generator.generate(new GenerationRequest("", new int[]{last}, 1)).completions()
                        .getFirst().tokens())
                .toList();
        assertArrayEquals(texts.get(0), texts.get(1));
        assertEquals(9, texts.get(0).length);
    }
}
