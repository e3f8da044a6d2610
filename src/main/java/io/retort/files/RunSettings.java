package io.retort.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Everything that decides the output of a long job, compared with that of another run. */
final class RunSettings {
    private static final int MOST_SHOWN = 3;

    private RunSettings() {}

    /** Says in words where the settings of two runs differ; empty if they are the same. */
    static String difference(JsonNode there, ObjectNode here) {
        Map<String, String> theirs = leaves("", there, new TreeMap<>());
        Map<String, String> ours = leaves("", here, new TreeMap<>());
        TreeSet<String> names = new TreeSet<>(theirs.keySet());
        names.addAll(ours.keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            String their = theirs.getOrDefault(name, "absent");
            String our = ours.getOrDefault(name, "absent");
            if (!their.equals(our)) differences.add(name + " is " + their + " there and " + our + " here");
        }
        String shown = String.join(", ", differences.subList(0, Math.min(MOST_SHOWN, differences.size())));
        int more = differences.size() - MOST_SHOWN;
        return more > 0 ? shown + ", and " + more + " more" : shown;
    }

    private static Map<String, String> leaves(String name, JsonNode node, Map<String, String> into) {
        if (node.isContainerNode() && !node.isEmpty()) {
            if (node.isArray()) {
                for (int i = 0; i < node.size(); i++) leaves(name + "[" + i + "]", node.get(i), into);
            } else {
                String prefix = name.isEmpty() ? "" : name + ".";
                node.properties().forEach(field -> leaves(prefix + field.getKey(), field.getValue(), into));
            }
        } else {
            into.put(name, node.toString());
        }
        return into;
    }
}
