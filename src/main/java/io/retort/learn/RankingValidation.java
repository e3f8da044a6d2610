package io.retort.learn;

import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.eval.Estimate;
import io.retort.eval.HitsAt;
import io.retort.eval.MeanReciprocalRank;
import io.retort.eval.RankingMetric;
import io.retort.eval.RankingReport;
import io.retort.eval.RankingRun;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.retrieval.RetrievalModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Ranking tests that a student is validated on: hits@1, the mean over the tests first, then MRR, then both for each
 * test. Immutable.
 */
final class RankingValidation {
    private static final List<RankingMetric> METRICS = List.of(new HitsAt(1), new MeanReciprocalRank());

    private final List<Test> tests;

    private record Test(String name, List<RankingCase> cases) {
    }

    private RankingValidation(List<Test> tests) {
        this.tests = tests;
    }

    /**
     * @param history most turns of a context
     * @param cases the first ones of each file that are used
     */
    static RankingValidation read(List<Path> files, int history, int cases) throws IOException {
        List<Test> tests = new ArrayList<>();
        for (Path file : files) {
            List<RankingCase> used = RankingFile.FORMAT.readAll(file).stream().limit(cases)
                    .map(ranking -> new RankingCase(ranking.id(), ranking.context().latest(history),
                            ranking.positive(), ranking.adversarial(), ranking.random()))
                    .toList();
            String name = file.getFileName().toString().replaceFirst("\\.jsonl(\\.gz)?$", "");
            if (tests.stream().anyMatch(test -> test.name.equals(name))) {
                throw BadInput.in(file, "is the second validation file of that name", "rename one of them");
            }
            tests.add(new Test(name, used));
        }
        return new RankingValidation(List.copyOf(tests));
    }

    boolean isEmpty() {
        return tests.isEmpty();
    }

    SequencedMap<String, Double> measure(RetrievalModel model) {
        SequencedMap<String, Double> all = new LinkedHashMap<>();
        METRICS.forEach(metric -> all.put(metric.key(), 0.0));
        for (Test test : tests) {
            RankingReport report = RankingRun.of(model, test.cases, Progress.NONE).report();
            for (RankingMetric metric : METRICS) {
                double value = report.metrics().get(metric).map(Estimate::value).orElseThrow();
                all.merge(metric.key(), value / tests.size(), Double::sum);
                all.put(metric.key() + " " + test.name, value);
            }
        }
        return all;
    }
}
