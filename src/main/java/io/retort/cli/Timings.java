package io.retort.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The times that equal calls of a benchmark took.
 *
 * @param millis in the order in which they were taken, one or more
 */
record Timings(double[] millis) {
    /** The least time that at least a share q of the calls do not exceed. */
    double quantile(double q) {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        return sorted[Math.clamp((int) Math.ceil(q * sorted.length), 1, sorted.length) - 1];
    }

    double median() {
        return quantile(0.5);
    }

    double least() {
        return quantile(0);
    }

    double p99() {
        return quantile(0.99);
    }

    /** The times by the names that scripts read, followed by what else is to be said. */
    SequencedMap<String, Object> facts(Map<String, ?> others) {
        SequencedMap<String, Object> facts = new LinkedHashMap<>();
        facts.put("median_ms", median());
        facts.put("min_ms", least());
        facts.put("p99_ms", p99());
        facts.put("runs", millis.length);
        facts.putAll(others);
        return facts;
    }

    /** The times in one line for people. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "median %.3f ms, minimum %.3f ms, p99 %.3f ms (%d runs)", median(), least(),
                p99(), millis.length);
    }
}
