package io.retort.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The JSON with which a file begins: lines of one object each, an array of objects, or objects that spread over lines.
 * What is cut at the sample's end counts as far as it goes.
 *
 * @param opening what the content begins with
 * @param records the first objects; of an array its elements
 */
record JsonSample(Opening opening, List<ObjectNode> records) {
    private static final int MOST = 32;

    /** What a file of JSON begins with. */
    enum Opening {
        NO_JSON, LINES, ARRAY, OBJECT
    }

    static JsonSample of(String text) {
        int start = 0;
        while (start < text.length() && (Character.isWhitespace(text.charAt(start)) || text.charAt(start) == '\ufeff')) {
            start++;
        }
        if (start == text.length()) return new JsonSample(Opening.NO_JSON, List.of());
        return switch (text.charAt(start)) {
            case '{' -> objects(text.substring(start));
            case '[' -> array(text.substring(start));
            default -> new JsonSample(Opening.NO_JSON, List.of());
        };
    }

    boolean isLines() {
        return opening == Opening.LINES;
    }

    private static JsonSample objects(String text) {
        List<ObjectNode> complete = new ArrayList<>();
        String[] lines = text.split("\\r?\\n", MOST + 1);
        for (int i = 0; i < Math.min(lines.length, MOST); i++) object(lines[i]).ifPresent(complete::add);
        if (!complete.isEmpty()) return new JsonSample(Opening.LINES, complete);
        List<ObjectNode> roots = elements(text, false);
        // A first line that is longer than the sample is a line all the same.
        boolean isOneLine = lines.length == 1;
        return new JsonSample(isOneLine && !roots.isEmpty() ? Opening.LINES : Opening.OBJECT, roots);
    }

    private static JsonSample array(String text) {
        String first = text.lines().findFirst().orElse("");
        List<ObjectNode> elements = elements(text, true);
        // Lines that are arrays themselves: dialogues as bare lists of turns.
        boolean isLine = text.length() > first.length() && JsonElements.isOneValue(first) && elements.isEmpty();
        return new JsonSample(isLine ? Opening.LINES : Opening.ARRAY, isLine ? wrapped(text) : elements);
    }

    private static List<ObjectNode> wrapped(String text) {
        return text.lines().limit(MOST).map(JsonSample::object).flatMap(Optional::stream).toList();
    }

    private static Optional<ObjectNode> object(String line) {
        if (line.isBlank()) return Optional.empty();
        try {
            return JsonElements.object(JsonElements.MAPPER.readTree(line));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static List<ObjectNode> elements(String text, boolean inArray) {
        List<ObjectNode> found = new ArrayList<>();
        try (JsonParser parser = JsonElements.FACTORY.createParser(new StringReader(text))) {
            if (inArray) parser.nextToken();
            while (found.size() < MOST) {
                JsonToken token = parser.nextToken();
                if (token == null || token == JsonToken.END_ARRAY) break;
                JsonElements.Tree tree = new JsonElements.Tree(parser, true);
                JsonNode node = tree.read();
                JsonElements.object(node).ifPresent(found::add);
                if (tree.isCut()) break;
            }
        } catch (IOException e) {
            // What was understood before the fault is the sample.
            return found;
        }
        return found;
    }
}
