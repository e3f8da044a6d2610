package io.retort.dialogue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Free-form JSON values (strings, numbers, booleans, nulls, lists, maps), copied so that nobody can change them later;
 * order is kept.
 */
final class PlainValues {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final TypeReference<LinkedHashMap<String, Object>> ORDERED = new TypeReference<>() {
    };

    private PlainValues() {}

    static SequencedMap<String, Object> of(ObjectNode object) {
        return MAPPER.convertValue(object, ORDERED);
    }

    static JsonNode json(Map<String, Object> values) {
        return MAPPER.valueToTree(values);
    }

    static Map<String, Object> copyOf(Map<String, ?> values) {
        if (values.isEmpty()) return Map.of();
        Map<String, Object> copy = LinkedHashMap.newLinkedHashMap(values.size());
        values.forEach((key, value) -> copy.put(key, frozen(value)));
        return Collections.unmodifiableMap(copy);
    }

    /** Whether all numbers are finite: JSON can write larger ones than a double holds, but no infinity. */
    static boolean areFinite(Object value) {
        return switch (value) {
            case Map<?, ?> map -> map.values().stream().allMatch(PlainValues::areFinite);
            case List<?> list -> list.stream().allMatch(PlainValues::areFinite);
            case Double number -> Double.isFinite(number);
            case null, default -> true;
        };
    }

    private static Object frozen(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, Object> copy = LinkedHashMap.newLinkedHashMap(map.size());
                map.forEach((key, inner) -> copy.put((String) key, frozen(inner)));
                yield Collections.unmodifiableMap(copy);
            }
            case List<?> list -> {
                List<Object> copy = new ArrayList<>(list.size());
                for (Object inner : list) copy.add(frozen(inner));
                yield Collections.unmodifiableList(copy);
            }
            case null, default -> value;
        };
    }
}
