package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
}
