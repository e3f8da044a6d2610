package io.retort.study;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import io.retort.files.AtomicFile;
import io.retort.files.JsonLinesWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Votes with what the plan knows of their items, for other programs: a line for each vote, which names the systems, so
 * that it is not for the eyes of judges who go on.
 */
public final class VoteTable {
    private static final List<String> COLUMNS = List.of("judge", "item", "context", "left", "right", "answer",
            "preferred",
            "is_check", "is_passed", "at", "seconds");

    private VoteTable() {}

    /**
     * Writes votes, as CSV if the file's name ends in {@code .csv}, else as JSONL; it appears whole or not at all.
     */
    public static void write(Path file, StudyPlan plan, List<Vote> votes) throws IOException {
        Map<String, StudyItem> items = plan.itemsById();
        List<ObjectNode> rows = votes.stream().map(vote -> row(vote, items.get(vote.item()))).toList();
        if (file.getFileName().toString().endsWith(".csv")) {
            StringWriter text = new StringWriter();
            try (CsvWriter csv = CsvWriter.builder().build(text)) {
                csv.writeRecord(COLUMNS);
                for (ObjectNode row : rows) {
                    csv.writeRecord(COLUMNS.stream().map(column -> row.path(column).asText("")).toList());
                }
            }
            AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
            return;
        }
        try (JsonLinesWriter writer = JsonLinesWriter.create(file)) {
            for (ObjectNode row : rows) writer.write(row);
            writer.commit();
        }
    }

    private static ObjectNode row(Vote vote, StudyItem item) {
        ObjectNode row = JsonNodeFactory.instance.objectNode().put("judge", vote.judge()).put("item", item.id())
                .put("context", item.context()).put("left", item.systems().getFirst());
        if (item.shown().size() == 2) row.put("right", item.systems().getLast());
        row.put("answer", vote.answer());
        item.preferred(vote.answer()).ifPresent(system -> row.put("preferred", system));
        row.put("is_check", item.isCheck());
        if (item.isCheck()) row.put("is_passed", item.expected().contains(vote.answer()));
        row.put("at", vote.at().toString());
        vote.millis().ifPresent(millis -> row.put("seconds", millis / 1000.0));
        return row;
    }
}
