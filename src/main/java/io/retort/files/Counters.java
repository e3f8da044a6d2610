package io.retort.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** How often what happened, by name: the summary of a long job, or one entry's share of it. One thread. */
public final class Counters {
    private final SortedMap<String, Long> counts = new TreeMap<>();

    /** Adds {@code times} to the count of {@code name}; adding zero leaves no trace. */
    public Counters add(String name, long times) {
        if (times != 0) counts.merge(name, times, Long::sum);
        return this;
    }

    /** Adds all counts of another. */
    public Counters add(Counters other) {
        other.counts.forEach(this::add);
        return this;
    }

    /** The count of a name; 0 for what never happened. */
    public long of(String name) {
        return counts.getOrDefault(name, 0L);
    }

    /** All counts that are not zero, sorted by name. */
    public SortedMap<String, Long> counts() {
        return Collections.unmodifiableSortedMap(counts);
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        counts.forEach(json::put);
        return json;
    }

    /** Reads counts back from what {@link #json} wrote; fields that are not whole numbers are left out. */
    static Counters of(JsonNode json) {
        Counters tally = new Counters();
        for (Map.Entry<String, JsonNode> count : json.properties()) {
            if (count.getValue().isIntegralNumber()) tally.add(count.getKey(), count.getValue().longValue());
        }
        return tally;
    }
}
