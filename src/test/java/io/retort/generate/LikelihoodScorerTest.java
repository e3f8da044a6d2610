package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LikelihoodScorerTest {
    private static final int VOCABULARY = 30;
    private static final int[] PRIOR = {4, 5};

    private final TableModel model = new TableModel(VOCABULARY, 64);

    private static List<ScoringRequest> requests(int count) {
        Random random = new Random(3);
        return IntStream.range(0, count)
                .mapToObj(i -> new ScoringRequest("context " + i, tokens(random, 20), i % 5 == 4 ? null : PRIOR,
                        IntStream.range(0, random.nextInt(12)).mapToObj(_ -> tokens(random, 9)).toList()))
                .toList();
    }

    private static int[] tokens(Random random, int most) {
        return random.ints(1 + random.nextInt(most), 0, VOCABULARY).toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 30, 500, 100_000})
    void likelihoodAndMutualInformationAreThoseOfTheirFormulas(int batchTokens) {
        List<ScoringRequest> requests = requests(40);
        List<Scored> all = new ArrayList<>();
        new LikelihoodScorer(model, batchTokens).score(requests.iterator(), all::add);
        assertEquals(requests, all.stream().map(Scored::request).toList());
        for (Scored one : all) {
            for (int i = 0; i < one.likelihoods().size(); i++) {
                int[] candidate = one.request().candidates().get(i);
                Likelihood found = one.likelihoods().get(i);
                double[] given = model.logProbabilities(one.request().context(), candidate);
                assertEquals(Arrays.stream(given).sum(), found.sum(), 1e-5);
                assertEquals(mean(given), found.logLikelihood(), 1e-5);
                if (one.request().prior() == null) {
                    assertThrows(IllegalStateException.class, found::mutualInformation);
                } else {
                    double[] prior = model.logProbabilities(PRIOR, candidate);
                    assertEquals(mean(given) - mean(prior), found.mutualInformation(), 1e-5);
                }
            }
        }
        assertEquals(0, model.open, "open sequences");
    }

    @Test
    void aContextIsComputedOnceForAllItsCandidates() {
        List<int[]> candidates = List.of(new int[]{1, 2}, new int[]{1, 2}, new int[]{3});
        ScoringRequest request = new ScoringRequest("", new int[]{7, 8, 9}, PRIOR, candidates);
        List<Scored> all = new ArrayList<>();
        new LikelihoodScorer(model, 1000).score(List.of(request, request).iterator(), all::add);
        assertEquals(3 + 2, model.appended, "equal contexts and priors are shared");
        assertEquals(2 * 2 * 5, model.scored);
        assertArrayEquals(all.get(0).likelihoods().get(0).given(), all.get(1).likelihoods().get(1).given());
    }

    @Test
    void whatDoesNotFitTheModelIsRefusedByName() {
        ScoringRequest request = new ScoringRequest("line 9", new int[60], null, List.of(new int[4], new int[5]));
        String message = assertThrows(BadInput.class,
                () -> new LikelihoodScorer(model, 100).score(List.of(request).iterator(), _ -> {})).getMessage();
        assertTrue(message.contains("line 9") && message.contains("65"), message);
    }

    @Test
    void emptyTextsAreRefused() {
        List<int[]> one = List.of(new int[]{1});
        assertThrows(BadInput.class, () -> new ScoringRequest("", new int[0], null, one));
        assertThrows(BadInput.class, () -> new ScoringRequest("", new int[1], new int[0], one));
        assertThrows(BadInput.class, () -> new ScoringRequest("", new int[1], null, List.of(new int[0])));
    }
}
