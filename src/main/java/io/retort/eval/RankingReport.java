package io.retort.eval;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A model's marks in a ranking test, in the order in which they are shown.
 *
 * @param n number of contexts
 * @param metrics from the metric to its estimate; empty where it does not apply (no adversarial replies in the file)
 */
public record RankingReport(int n, SequencedMap<RankingMetric, Optional<Estimate>> metrics) {
    /** The metrics of a ranking test, in the order of reports. */
    public static final List<RankingMetric> METRICS = List.of(new HitsAt(1), new HitsAt(5), new MeanReciprocalRank(),
            new PairsInOrder(PairsInOrder.Negatives.ADVERSARIAL), new PairsInOrder(PairsInOrder.Negatives.RANDOM));
    private static final long SEED = 20210812;

    public RankingReport {
        metrics = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metrics));
    }

    /** Makes the report on scored cases; equal scores give an equal report. */
    public static RankingReport of(List<ScoredCase> cases) {
        SequencedMap<RankingMetric, Optional<Estimate>> metrics = new LinkedHashMap<>();
        for (RankingMetric metric : METRICS) metrics.put(metric, metric.estimate(cases, SEED));
        return new RankingReport(cases.size(), metrics);
    }

    /**
     * The report as plain JSON values: {@code n}, then for each metric its key with the value and {@code KEY_ci} with
     * {@code [low, high]}; both null where the metric does not apply.
     */
    public SequencedMap<String, Object> values() {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        values.put("n", n);
        for (Map.Entry<RankingMetric, Optional<Estimate>> entry : metrics.entrySet()) {
            String key = entry.getKey().key();
            values.put(key, entry.getValue().map(Estimate::value).orElse(null));
            values.put(key + "_ci", entry.getValue().map(Estimate::interval)
                    .map(interval -> List.of(interval.low(), interval.high())).orElse(null));
        }
        return values;
    }
}
