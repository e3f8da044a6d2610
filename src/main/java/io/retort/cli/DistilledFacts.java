package io.retort.cli;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.Origin;
import io.retort.eval.Histogram;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * The facts that {@code inspect} tells of distilled data: how many candidates there are, and how the teacher's scores
 * are spread.
 */
final class DistilledFacts {
    private static final int BINS = 16;
    private static final int BAR = 40;

    private final List<Candidate> candidates;
    private final boolean json;

    /**
     * @param json whether histograms are wanted as values, and not as lines to look at
     */
    DistilledFacts(List<Distilled> distilled, boolean json) {
        this.candidates = distilled.stream().flatMap(each -> each.candidates().stream()).toList();
        this.json = json;
    }

    void addTo(Map<String, Object> facts) {
        facts.put("candidates", candidates.size());
        for (Origin origin : Origin.values()) {
            facts.put(origin.label(), candidates.stream().filter(each -> each.origin() == origin).count());
        }
        add("ll", Candidate::ll, facts);
        add("mi", Candidate::mi, facts);
    }

    private void add(String name, Function<Candidate, OptionalDouble> score, Map<String, Object> facts) {
        double[] values = candidates.stream().map(score).flatMapToDouble(OptionalDouble::stream).toArray();
        facts.put(name + "_missing", candidates.size() - values.length);
        if (values.length == 0) return;
        Histogram histogram = Histogram.of(values, BINS);
        facts.put(name, json ? histogram.values() : lines(histogram));
    }

    private static List<String> lines(Histogram histogram) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, "from %.3f to %.3f, mean %.3f", histogram.least(), histogram.greatest(),
                histogram.mean()));
        int most = 1;
        for (int count : histogram.counts()) most = Math.max(most, count);
        for (int bin = 0; bin < histogram.counts().length; bin++) {
            int count = histogram.counts()[bin];
            int bar = (int) ((long) count * BAR / most);
            lines.add(String.format(Locale.ROOT, "%8.3f %s %,d", histogram.edge(bin), "#".repeat(bar), count));
        }
        return lines;
    }
}
