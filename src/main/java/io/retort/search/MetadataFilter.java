package io.retort.search;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.files.BadInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A condition on the metadata of replies, such as {@code {"mood": "calm", "level": {"gte": 2}}}. Several keys of an
 * object must all hold; a field that is missing fulfils nothing; of a list one element is enough. Immutable; any thread.
 *
 * <pre>
 *   {"field": value}                    equal; numbers by their value
 *   {"field": {"in": [a, b]}}           equal to one of them
 *   {"field": {"gte": 1, "lt": 5}}      a range of numbers or of texts: gt, gte, lt, lte
 *   {"field": {"exists": true}}         there, whatever it is
 *   {"and": [...]} {"or": [...]} {"not": {...}}
 *   "a.b" is field b of the object a
 * </pre>
 */
public sealed interface MetadataFilter {
    /** The most filters within filters. */
    int DEEPEST = 16;
    /** The most conditions and values of a filter. */
    int LARGEST = 1024;

    /** Whether metadata fulfil the filter. */
    boolean test(Map<String, Object> metadata);

    /**
     * Whether a field does what is asked of it.
     *
     * @param field by its path, with dots
     * @param value asked about each value of the field; never null
     */
    record Field(String field, Predicate<Object> value) implements MetadataFilter {
        @Override
        public boolean test(Map<String, Object> metadata) {
            Object found = MetadataFilter.value(metadata, field);
            return found != null && matches(found);
        }

        /** Whether a value of the field fulfils the condition, or one element of it does. */
        boolean matches(Object found) {
            return value.test(found)
                    || found instanceof List<?> list
                            && list.stream().anyMatch(each -> each != null && value.test(each));
        }
    }

    /** Whether all of some filters are fulfilled. */
    record And(List<MetadataFilter> all) implements MetadataFilter {
        @Override
        public boolean test(Map<String, Object> metadata) {
            return all.stream().allMatch(each -> each.test(metadata));
        }
    }

    /** Whether one of some filters is fulfilled. */
    record Or(List<MetadataFilter> any) implements MetadataFilter {
        @Override
        public boolean test(Map<String, Object> metadata) {
            return any.stream().anyMatch(each -> each.test(metadata));
        }
    }

    /** Whether a filter is not fulfilled. */
    record Not(MetadataFilter filter) implements MetadataFilter {
        @Override
        public boolean test(Map<String, Object> metadata) {
            return !filter.test(metadata);
        }
    }

    /** The value at a path of fields with dots; null if there is none. A key that holds dots itself is found, too. */
    static Object value(Map<?, ?> metadata, String path) {
        Object whole = metadata.get(path);
        if (whole != null) return whole;
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
            if (metadata.get(path.substring(0, dot)) instanceof Map<?, ?> inner) {
                Object found = value(inner, path.substring(dot + 1));
                if (found != null) return found;
            }
        }
        return null;
    }

    /**
     * Reads a filter.
     *
     * @throws BadInput if it is none, naming the place in it
     */
    static MetadataFilter of(JsonNode json) {
        return new Reader().filter(json, "filter", 0);
    }

    /** Reads one filter, counting what is in it. */
    final class Reader {
        private int size;

        private Reader() {}

        private MetadataFilter filter(JsonNode json, String at, int depth) {
            if (!json.isObject() || json.isEmpty()) {
                throw BadInput.of(at + " is no object with a condition", "give one such as {\"field\": \"value\"}");
            }
            if (depth >= DEEPEST) throw BadInput.of(at + " is nested too deep", "nest at most " + DEEPEST);
            List<MetadataFilter> all = new ArrayList<>();
            for (Map.Entry<String, JsonNode> entry : json.properties()) {
                String key = entry.getKey(), where = at + "." + key;
                JsonNode value = entry.getValue();
                all.add(switch (key) {
                    case "and" -> new And(filters(value, where, depth));
                    case "or" -> new Or(filters(value, where, depth));
                    case "not" -> new Not(filter(value, where, depth + 1));
                    default -> new Field(key, condition(value, where));
                });
            }
            return all.size() == 1 ? all.getFirst() : new And(all);
        }

        private List<MetadataFilter> filters(JsonNode json, String at, int depth) {
            if (!json.isArray() || json.isEmpty()) throw BadInput.of(at + " is no list of filters", "give one or more");
            List<MetadataFilter> filters = new ArrayList<>();
            for (JsonNode each : json) filters.add(filter(each, at + "[" + filters.size() + "]", depth + 1));
            return filters;
        }

        private Predicate<Object> condition(JsonNode json, String at) {
            if (!json.isObject()) return equal(json, at);
            if (json.isEmpty()) throw BadInput.of(at + " is empty", "name a condition such as \"in\" or \"gte\"");
            Predicate<Object> all = null;
            for (Map.Entry<String, JsonNode> entry : json.properties()) {
                Predicate<Object> one = operation(entry.getKey(), entry.getValue(), at + "." + entry.getKey());
                all = all == null ? one : all.and(one);
            }
            return all;
        }

        private Predicate<Object> operation(String name, JsonNode json, String at) {
            return switch (name) {
                case "eq" -> equal(json, at);
                case "in" -> in(json, at);
                case "gt" -> range(json, at, order -> order > 0);
                case "gte" -> range(json, at, order -> order >= 0);
                case "lt" -> range(json, at, order -> order < 0);
                case "lte" -> range(json, at, order -> order <= 0);
                case "exists" -> {
                    if (!json.isBoolean()) throw BadInput.of(at + " is no truth value", "give true");
                    if (!json.booleanValue()) throw BadInput.of(at + " is false", "use {\"not\": {... true}}");
                    yield _ -> true;
                }
                default -> throw BadInput.of(at + " is no condition", "use eq, in, gt, gte, lt, lte or exists");
            };
        }

        private Predicate<Object> in(JsonNode json, String at) {
            if (!json.isArray()) throw BadInput.of(at + " is no list", "give the values in a list");
            List<Predicate<Object>> any = new ArrayList<>();
            for (JsonNode each : json) any.add(equal(each, at + "[" + any.size() + "]"));
            return value -> any.stream().anyMatch(each -> each.test(value));
        }

        private Predicate<Object> equal(JsonNode json, String at) {
            count(at);
            if (json.isTextual()) return json.textValue()::equals;
            if (json.isBoolean()) return Boolean.valueOf(json.booleanValue())::equals;
            if (json.isNumber()) return value -> value instanceof Number number && compare(number, json) == 0;
            throw BadInput.of(at + " is neither text, number nor truth value", "compare with one of these");
        }

        private Predicate<Object> range(JsonNode json, String at, java.util.function.IntPredicate holds) {
            count(at);
            if (json.isNumber()) return value -> value instanceof Number number && holds.test(compare(number, json));
            if (json.isTextual()) {
                String end = json.textValue();
                return value -> value instanceof String text && holds.test(text.compareTo(end));
            }
            throw BadInput.of(at + " is neither number nor text", "give the end of the range");
        }

        private static int compare(Number number, JsonNode json) {
            boolean whole = json.canConvertToLong() && json.isIntegralNumber()
                    && (number instanceof Integer || number instanceof Long);
            return whole
                    ? Long.compare(number.longValue(), json.longValue())
                    : Double.compare(number.doubleValue() + 0.0, json.doubleValue() + 0.0);
        }

        private void count(String at) {
            if (++size > LARGEST) {
                throw BadInput.of(at + " is one value too many", "give a filter at most " + LARGEST + " values");
            }
        }
    }
}
