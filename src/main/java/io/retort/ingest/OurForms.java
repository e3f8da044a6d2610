package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.RecordFile;
import io.retort.dialogue.ResponseFile;
import java.util.Optional;

/** Tells our own formats from those that resemble them, by the first record. */
final class OurForms {
    private OurForms() {}

    /** The format of ours that a file begins in; empty if it is a file of somebody else. */
    static Optional<RecordFile<?>> of(Sample sample) {
        JsonSample json = sample.json();
        if (!json.isLines() || json.records().isEmpty()) return Optional.empty();
        ObjectNode first = json.records().getFirst();
        if (first.hasNonNull("turns")) {
            return first.path("id").isTextual() && isOurs(first.get("turns"))
                    ? Optional.of(DialogueFile.FORMAT)
                    : Optional.empty();
        }
        if (first.hasNonNull("candidates")) return Optional.of(DistilledFile.FORMAT);
        if (first.hasNonNull("positive")) return Optional.of(RankingFile.FORMAT);
        boolean isReply = first.path("text").isTextual() && first.properties().stream()
                .allMatch(field -> field.getKey().equals("text") || field.getKey().equals("metadata"));
        return isReply ? Optional.of(ResponseFile.FORMAT) : Optional.empty();
    }

    private static boolean isOurs(JsonNode turns) {
        if (!turns.isArray()) return false;
        for (JsonNode turn : turns) if (!turn.has("s") || !turn.has("t")) return false;
        return true;
    }
}
