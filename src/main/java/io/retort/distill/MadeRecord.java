package io.retort.distill;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.retort.dialogue.RecordFile;
import io.retort.files.JobEntry;
import io.retort.files.Tally;
import java.util.Objects;
import java.util.Optional;

/**
 * What a teacher's job made of one item of its input.
 *
 * @param record that it makes; none if the item was left out
 * @param tally  what is counted of it
 * @param <R>    what a record is
 */
public record MadeRecord<R>(Optional<R> record, Tally tally) {
    private static final JsonMapper JSON = new JsonMapper();

    public MadeRecord {
        Objects.requireNonNull(record, "record");
        Objects.requireNonNull(tally, "tally");
    }

    static <R> MadeRecord<R> leftOut(Tally tally) {
        return new MadeRecord<>(Optional.empty(), tally);
    }

    static <R> MadeRecord<R> of(R record, Tally tally) {
        return new MadeRecord<>(Optional.of(record), tally);
    }

    /** As the journal of a long job has it. */
    public JobEntry entry(RecordFile<R> format) {
        return new JobEntry(record.map(made -> JSON.valueToTree(format.values(made))), tally);
    }
}
