package io.retort.files;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * What one item of a long job came to.
 *
 * @param record the line of the output that it makes; none if the item was left out
 * @param tally  what the item adds to the job's counts
 */
public record JobEntry(Optional<ObjectNode> record, Counters tally) {
    private static final String RECORD = "record";
    private static final String TALLY = "tally";

    ObjectNode json() {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        record.ifPresent(value -> line.set(RECORD, value));
        line.set(TALLY, tally.json());
        return line;
    }

    static JobEntry of(JsonRecord line) {
        Optional<ObjectNode> record = line.node().get(RECORD) instanceof ObjectNode value
                ? Optional.of(value)
                : Optional.empty();
        if (!line.node().path(TALLY).isObject()) throw line.fault(TALLY, "is missing", "");
        return new JobEntry(record, Counters.of(line.node().get(TALLY)));
    }
}
