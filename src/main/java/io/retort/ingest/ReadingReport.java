package io.retort.ingest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a file was taken for, how much of it was read and what was left out.
 *
 * @param takenFor  the format, as closely as it is known
 * @param isOurs    whether it is one of our own formats, as other commands of Retort write them
 * @param records   dialogues, or records of another kind of ours
 * @param turns     of all dialogues; 0 where records are no dialogues
 * @param skipped   broken records that were left out, since so many were allowed
 * @param firstBad  what is wrong with the first of them; empty if there is none
 * @param leftOut   how often what the format leaves out came, by its name in the plural
 * @param notes     how often what was read otherwise than it stands there came, by its name in the plural
 * @param repliers  speakers whose turns were taken as replies since nobody chose; empty if somebody did, or all count
 */
public record ReadingReport(Path file, String takenFor, boolean isOurs, long records, long turns, long skipped,
        String firstBad, Map<String, Long> leftOut, Map<String, Long> notes, List<String> repliers) {
    public ReadingReport {
        leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
        notes = Collections.unmodifiableMap(new LinkedHashMap<>(notes));
        repliers = List.copyOf(repliers);
    }

    /** Whether it says something that the user may not know: a file of ours that was read as it stands is no news. */
    public boolean isNews() {
        return !isOurs || skipped > 0 || !leftOut.isEmpty() || !notes.isEmpty() || !repliers.isEmpty();
    }

    /** All of it in one line for people. */
    public String sentence() {
        StringBuilder line = new StringBuilder(file + ": read as " + takenFor + ", " + number(records)
                + (turns > 0 ? " dialogues, " + number(turns) + " turns" : " records"));
        List<String> parts = new ArrayList<>();
        leftOut.forEach((what, times) -> parts.add(number(times) + " " + what));
        if (skipped > 0) parts.add(number(skipped) + " broken records (the first: " + firstBad + ")");
        if (!parts.isEmpty()) line.append("; left out: ").append(String.join(", ", parts));
        notes.forEach((what, times) -> line.append("; ").append(number(times)).append(' ').append(what));
        if (!repliers.isEmpty()) {
            line.append("; replies are those of ").append(String.join(", ", repliers));
        }
        return line.toString();
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
