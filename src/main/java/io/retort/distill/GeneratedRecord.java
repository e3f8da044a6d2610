package io.retort.distill;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.retort.dialogue.RecordFile;
import io.retort.files.Counters;
import io.retort.files.JobEntry;
import java.util.Objects;
import java.util.Optional;

/**
 * What a teacher's job made of one item of its input.
 *
 * @param record that it makes; none if the item was left out
 * @param tally  what is counted of it
 * @param <R>    what a record is
 */
public record GeneratedRecord<R>(Optional<R> record, Counters tally) {
    private static final JsonMapper JSON = new JsonMapper();

    public GeneratedRecord {
        Objects.requireNonNull(record, "record");
        Objects.requireNonNull(tally, "tally");
    }

    static <R> GeneratedRecord<R> leftOut(Counters tally) {
        return new GeneratedRecord<>(Optional.empty(), tally);
    }

    static <R> GeneratedRecord<R> of(R record, Counters tally) {
        return new GeneratedRecord<>(Optional.of(record), tally);
    }

    /** The entry of a long job's journal that holds this record. */
    public JobEntry entry(RecordFile<R> format) {
        return new JobEntry(record.map(made -> JSON.valueToTree(format.values(made))), tally);
    }
}
