package io.retort.jobs;

import io.retort.distill.TeacherScore;
import io.retort.eval.DistinctNgrams;
import io.retort.eval.Estimate;
import io.retort.eval.Interval;
import io.retort.eval.Latency;
import io.retort.eval.RankingReport;
import io.retort.eval.ReplyLength;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** What {@link EvaluateJob} measured: of a retrieval model, or of a teacher. */
public sealed interface EvaluateResult {
    /** The name of the model that was measured. */
    String model();

    /** As plain values: each metric's key with its value, and {@code KEY_ci} with the ends of its interval. */
    SequencedMap<String, Object> values();

    /**
     * How well somebody told replies that fit, and what the replies are like that were chosen.
     *
     * @param contexts how many were ranked
     * @param ranking  estimates by the metrics' keys, in the order in which they are shown; empty of a metric that does
     *                 not apply
     * @param chosen   one reply a context
     */
    record RankingMetrics(int contexts, SequencedMap<String, Optional<Estimate>> ranking, List<String> chosen) {
        public RankingMetrics {
            ranking = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(ranking));
            chosen = List.copyOf(chosen);
        }

        static RankingMetrics of(RankingReport report, List<String> chosen) {
            SequencedMap<String, Optional<Estimate>> ranking = new LinkedHashMap<>();
            report.metrics().forEach((metric, estimate) -> ranking.put(metric.key(), estimate));
            return new RankingMetrics(report.n(), ranking, chosen);
        }

        /** The metrics as plain values by name, for a report in JSON. */
        public SequencedMap<String, Object> values() {
            SequencedMap<String, Object> values = new LinkedHashMap<>();
            values.put("n", contexts);
            ranking.forEach((key, estimate) -> {
                if (estimate.isPresent()) {
                    put(values, key, estimate.get());
                } else {
                    values.put(key, null);
                    values.put(key + "_ci", null);
                }
            });
            put(values, "dist-2", new DistinctNgrams(2).of(chosen));
            put(values, "dist-3", new DistinctNgrams(3).of(chosen));
            put(values, "length", new ReplyLength().of(chosen));
            return values;
        }
    }

    /**
     * What was measured of a retrieval model.
     *
     * @param latency of replies, one context at a time
     */
    record OfModel(String model, RankingMetrics metrics, Latency latency) implements EvaluateResult {
        @Override
        public SequencedMap<String, Object> values() {
            SequencedMap<String, Object> values = metrics.values();
            put(values, "latency_p50_ms", millis(latency.p50()));
            put(values, "latency_p99_ms", millis(latency.p99()));
            return values;
        }
    }

    /**
     * What was measured of a teacher, for each of its scores.
     *
     * @param metrics by its scores, the one that was asked for first
     * @param time  that judging took
     */
    record OfTeacher(String model, SequencedMap<TeacherScore, RankingMetrics> metrics,
            Duration time) implements EvaluateResult {
        public OfTeacher {
            metrics = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metrics));
        }

        /** The metrics of the first score by name, followed by those of every score under its key. */
        @Override
        public SequencedMap<String, Object> values() {
            Map.Entry<TeacherScore, RankingMetrics> first = metrics.firstEntry();
            SequencedMap<String, Object> values = first.getValue().values();
            values.put("by", first.getKey().key());
            metrics.forEach((score, measured) -> values.put(score.key(), measured.values()));
            return values;
        }
    }

    private static void put(Map<String, Object> values, String key, Estimate estimate) {
        values.put(key, estimate.value());
        values.put(key + "_ci", List.of(estimate.interval().low(), estimate.interval().high()));
    }

    private static Estimate millis(Estimate nanos) {
        return new Estimate(nanos.value() / 1e6,
                new Interval(nanos.interval().low() / 1e6, nanos.interval().high() / 1e6));
    }
}
