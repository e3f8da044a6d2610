package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.files.BadInput;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MetadataFilterTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static MetadataFilter filter(String json) throws Exception {
        return MetadataFilter.of(JSON.readTree(json));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> metadata(String json) throws Exception {
        return JSON.readValue(json, Map.class);
    }

    @Test
    void conditionsSayWhatTheySay() throws Exception {
        Map<String, Object> metadata = metadata(
                "{\"mood\": \"calm\", \"level\": 3, \"share\": 0.5, \"on\": true, \"tags\": [\"a\", \"b\"], "
                        + "\"at\": {\"city\": \"Ulm\"}, \"and.or\": 1, \"none\": null}");
        for (String holds : List.of("{\"mood\": \"calm\"}", "{\"level\": 3}", "{\"level\": 3.0}", "{\"share\": 0.5}",
                "{\"on\": true}", "{\"tags\": \"b\"}", "{\"at.city\": \"Ulm\"}", "{\"and.or\": 1}",
                "{\"level\": {\"gt\": 2, \"lte\": 3}}", "{\"mood\": {\"gte\": \"b\", \"lt\": \"d\"}}",
                "{\"mood\": {\"in\": [\"wild\", \"calm\"]}}", "{\"level\": {\"eq\": 3}}",
                "{\"level\": {\"exists\": true}}",
                "{\"not\": {\"none\": {\"exists\": true}}}", "{\"not\": {\"absent\": 1}}",
                "{\"or\": [{\"level\": 4}, {\"and\": [{\"level\": 3}, {\"on\": true}]}]}",
                "{\"level\": 3, \"on\": true}")) {
            assertTrue(filter(holds).test(metadata), holds);
        }
        for (String fails : List.of("{\"mood\": \"Calm\"}", "{\"level\": \"3\"}", "{\"on\": \"true\"}",
                "{\"absent\": 1}",
                "{\"level\": {\"gt\": 3}}", "{\"mood\": {\"gt\": 1}}", "{\"mood\": {\"in\": []}}",
                "{\"level\": 3, \"on\": false}",
                "{\"not\": {\"tags\": \"a\"}}")) {
            assertEquals(false, filter(fails).test(metadata), fails);
        }
    }

    @Test
    void whatIsNoFilterIsRefusedByItsPlace() throws Exception {
        for (String[] each : new String[][]{{"[]", "filter is"}, {"{}", "filter is"}, {"{\"a\": []}", "filter.a"},
            {"{\"a\": {\"like\": 1}}", "filter.a.like"}, {"{\"and\": []}", "filter.and"},
            {"{\"or\": [{\"a\": 1}, 2]}", "filter.or[1]"}, {"{\"a\": {\"in\": 1}}", "filter.a.in"},
            {"{\"a\": null}", "filter.a"}, {"{\"not\": ".repeat(20) + "{\"a\": 1}" + "}".repeat(20), "too deep"}}) {
            BadInput refused = assertThrows(BadInput.class, () -> filter(each[0]), each[0]);
            assertTrue(refused.getMessage().contains(each[1]), refused.getMessage());
        }
    }

    /** Columns decide each different value once, and so for every row what the filter says of the row itself. */
    @Test
    void columnsFindTheRowsThatTheFilterHoldsOf() throws Exception {
        Random random = new Random(1);
        List<Optional<Map<String, Object>>> rows = new ArrayList<>();
        for (int row = 0; row < 500; row++) {
            Map<String, Object> metadata = new HashMap<>();
            if (random.nextBoolean()) metadata.put("a", random.nextInt(5));
            if (random.nextBoolean()) metadata.put("a", random.nextInt(10) / 2.0);
            if (random.nextBoolean()) metadata.put("b", List.of("x", "y" + random.nextInt(3)));
            if (random.nextBoolean()) metadata.put("c", Map.of("d", random.nextBoolean()));
            rows.add(metadata.isEmpty() ? Optional.empty() : Optional.of(metadata));
        }
        MetadataColumns columns = new MetadataColumns(rows.size(), rows::get);
        for (String json : List.of("{\"a\": 2}", "{\"a\": {\"gte\": 1, \"lt\": 3}}", "{\"b\": \"y1\"}",
                "{\"c.d\": true}",
                "{\"not\": {\"a\": {\"exists\": true}}}", "{\"or\": [{\"b\": \"y0\"}, {\"not\": {\"c.d\": false}}]}",
                "{\"a\": {\"in\": [0, 4]}, \"b\": \"x\"}")) {
            MetadataFilter filter = filter(json);
            BitSet expected = new BitSet();
            for (int row = 0; row < rows.size(); row++) {
                if (filter.test(rows.get(row).orElse(Map.of()))) expected.set(row);
            }
            assertEquals(expected, columns.rowsWhere(filter, rows.size()), json);
            assertTrue(expected.cardinality() > 0 && expected.cardinality() < rows.size(), json);
        }
    }
}
