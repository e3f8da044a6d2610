package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.eval.MetricShare;
import io.retort.eval.RankingMetric;
import io.retort.eval.RankingReport;
import io.retort.eval.ScoredCase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What was measured of a model. The array is the record's own.
 *
 * @param fingerprint of the model
 * @param tests       ranking tests by name
 * @param replies     chosen out of the response set, one a context
 * @param nanos       that each took
 */
record Measurement(String fingerprint, SequencedMap<String, CaseResults> tests, List<String> replies,
        long[] nanos) {
    public Measurement {
        replies = List.copyOf(replies);
    }

    ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("fingerprint", fingerprint);
        ObjectNode ofTests = root.putObject("tests");
        tests.forEach((name, results) -> ofTests.set(name, results.json()));
        ArrayNode texts = root.putArray("replies"), times = root.putArray("nanos");
        replies.forEach(texts::add);
        for (long time : nanos) times.add(time);
        return root;
    }

    /** Reads what {@link #json()} wrote. */
    static Measurement of(JsonNode root) {
        SequencedMap<String, CaseResults> tests = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> test : root.required("tests").properties()) {
            tests.put(test.getKey(), CaseResults.of(test.getValue()));
        }
        List<String> replies = new ArrayList<>();
        root.required("replies").forEach(reply -> replies.add(reply.textValue()));
        JsonNode times = root.required("nanos");
        long[] nanos = new long[times.size()];
        for (int i = 0; i < nanos.length; i++) nanos[i] = times.get(i).longValue();
        return new Measurement(root.required("fingerprint").textValue(), tests, replies, nanos);
    }

    /**
     * A ranking test, case by case: what each case adds to each metric, so that models can be compared on the same cases.
     *
     * @param shares by metric; cases to which it does not apply are left out, and so are metrics that apply to none
     */
    record CaseResults(SequencedMap<String, List<MetricShare>> shares) {
        static CaseResults of(List<ScoredCase> cases) {
            SequencedMap<String, List<MetricShare>> shares = new LinkedHashMap<>();
            for (RankingMetric metric : RankingReport.METRICS) {
                List<MetricShare> found = metric.shares(cases);
                if (!found.isEmpty()) shares.put(metric.key(), found);
            }
            return new CaseResults(shares);
        }

        /** The mean over seeds, case by case. */
        static List<MetricShare> mean(List<List<MetricShare>> seeds) {
            List<MetricShare> means = new ArrayList<>();
            for (int i = 0; i < seeds.getFirst().size(); i++) {
                int place = i;
                double part = seeds.stream().mapToDouble(shares -> shares.get(place).part()).average().orElseThrow();
                means.add(new MetricShare(part, seeds.getFirst().get(i).whole()));
            }
            return means;
        }

        ObjectNode json() {
            ObjectNode root = JsonNodeFactory.instance.objectNode();
            shares.forEach((metric, ofCases) -> {
                ObjectNode own = root.putObject(metric);
                ArrayNode parts = own.putArray("parts"), wholes = own.putArray("wholes");
                for (MetricShare share : ofCases) {
                    parts.add(share.part());
                    wholes.add(share.whole());
                }
            });
            return root;
        }

        static CaseResults of(JsonNode root) {
            SequencedMap<String, List<MetricShare>> shares = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> metric : root.properties()) {
                JsonNode parts = metric.getValue().required("parts"), wholes = metric.getValue().required("wholes");
                List<MetricShare> list = new ArrayList<>();
                for (int i = 0; i < parts.size(); i++) {
                    list.add(new MetricShare(parts.get(i).doubleValue(), wholes.get(i).doubleValue()));
                }
                shares.put(metric.getKey(), list);
            }
            return new CaseResults(shares);
        }
    }
}
