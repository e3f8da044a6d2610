package io.retort.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.JsonRecord;

/** Parses a line that should be one record of a foreign file. */
final class JsonLine {
    private JsonLine() {}

    /** @throws BadRecord if it is no JSON object, nor a list of turns */
    static ObjectNode parse(Source source, long line, String text) {
        try {
            JsonNode node = JsonElements.MAPPER.readTree(text);
            return JsonElements.object(node)
                    .orElseThrow(() -> source.bad(line, "is no JSON object", "put one object {…} on each line"));
        } catch (JsonProcessingException e) {
            throw fault(source, line, text);
        }
    }

    /** Our own reader of lines knows best how to say what is wrong with one. */
    private static BadRecord fault(Source source, long line, String text) {
        try {
            JsonRecord.parse(source.file(), line, text);
            return source.bad(line, "is no JSON object", "put one object {…} on each line");
        } catch (BadInput e) {
            return BadRecord.of(e, source.takenFor());
        }
    }
}
