package io.retort.jobs;

import io.retort.distill.TeacherScore;
import io.retort.eval.DistinctNgrams;
import io.retort.eval.Estimate;
import io.retort.eval.Interval;
import io.retort.eval.Latency;
import io.retort.eval.ReplyLength;
import io.retort.eval.MetricShare;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * A row of the table: all seeds of a method. Values of a context are the mean over seeds, so that seeds do not pass for
 * contexts.
 *
 * @param seeds measurements, one or more
 */
record Row(String name, List<Measurement> seeds) {
    /** A mean over contexts of a case-by-case quantity: where it applies, {@code whole} is above 0. */
    record Series(String test, String metric, List<MetricShare> shares) {
        String key() {
            return test + " " + metric;
        }
    }

    /** Case-by-case results of all ranking tests. */
    List<Series> tests() {
        List<Series> all = new ArrayList<>();
        seeds.getFirst().tests().forEach((test, results) -> results.shares().keySet().forEach(metric -> all.add(
                new Series(test, metric, CaseResults.mean(seeds.stream()
                        .map(seed -> seed.tests().get(test).shares().get(metric)).toList())))));
        return all;
    }

    /** The metric's value for each seed. */
    double[] bySeed(Series series) {
        return seeds.stream().mapToDouble(seed -> MetricShare.estimate(
                seed.tests().get(series.test).shares().get(series.metric), 1).value()).toArray();
    }

    /**
     * The teacher's mean score of the replies to each context, over seeds; NaN where it judged none of them.
     */
    double[] scores(TeacherOpinion teacher, TeacherScore by) {
        double[] scores = new double[seeds.getFirst().replies().size()];
        for (int i = 0; i < scores.length; i++) {
            int context = i;
            scores[i] = seeds.stream().map(seed -> teacher.score(context, seed.replies().get(context),
                    by == TeacherScore.MI)).filter(OptionalDouble::isPresent).mapToDouble(OptionalDouble::getAsDouble)
                    .average().orElse(Double.NaN);
        }
        return scores;
    }

    /** Dist-2, Dist-3 and length of the chosen replies: means of the seeds' values and of the ends of their intervals. */
    SequencedMap<String, Estimate> texts() {
        SequencedMap<String, Estimate> all = new LinkedHashMap<>();
        for (DistinctNgrams ngrams : List.of(new DistinctNgrams(2), new DistinctNgrams(3))) {
            all.put(ngrams.key(), mean(ngrams::of));
        }
        all.put("length", mean(new ReplyLength()::of));
        return all;
    }

    private Estimate mean(Function<List<String>, Estimate> of) {
        List<Estimate> estimates = seeds.stream().map(seed -> of.apply(seed.replies())).toList();
        double low = estimates.stream().mapToDouble(e -> e.interval().low()).average().orElseThrow();
        double high = estimates.stream().mapToDouble(e -> e.interval().high()).average().orElseThrow();
        double value = estimates.stream().mapToDouble(Estimate::value).average().orElseThrow();
        return new Estimate(value, new Interval(low, high));
    }

    /** The latency over all replies of all seeds. */
    Latency latency() {
        return Latency.of(seeds.stream().flatMapToLong(seed -> LongStream.of(seed.nanos())).toArray(), 0);
    }
}
