package io.retort.cli;

import io.retort.ingest.ReadingReport;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a file was taken for and how much of it was read, as commands print it as JSON. */
final class ReadingFacts {
    private ReadingFacts() {}

    static Map<String, Object> of(ReadingReport report) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("file", report.file().toString());
        facts.put("read_as", report.takenFor());
        facts.put("records", report.records());
        if (report.turns() > 0) facts.put("turns", report.turns());
        if (report.skipped() > 0) facts.put("skipped", report.skipped());
        if (!report.leftOut().isEmpty()) facts.put("left_out", report.leftOut());
        if (!report.notes().isEmpty()) facts.put("notes", report.notes());
        if (!report.repliers().isEmpty()) facts.put("repliers", report.repliers());
        return facts;
    }
}
