package io.retort.ingest;

import io.retort.files.WhiteSpace;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who speaks in a transcript, found out by a first look over all its lines: whoever begins several lines, or a talk. A
 * word before a colon that comes once in the midst of a talk is part of what is said.
 */
final class TranscriptSpeakers {
    /** Names beyond these are not counted: a file of so many is no transcript, or begins with those that matter. */
    private static final int MOST_NAMES = 100_000;
    /** A file with so few spoken lines may have speakers that come once. */
    private static final int SHORT = 20;
    private static final Pattern RULE = Pattern.compile("[-=*_~#\\s]{3,}");
    /** What stands before a colon in letters and notes, and is nobody's name. */
    private static final Set<String> NOTES = Set.of("note", "notes", "nb", "n.b.", "ps", "p.s.", "p.s", "pps", "edit",
            "update", "warning", "caution", "attention", "important", "re", "fwd", "subject", "date", "time", "fyi",
            "todo", "example", "e.g.", "hint", "tip", "source", "link", "address", "phone", "email", "mail", "title",
            "remember", "reminder", "summary", "result", "answer", "question", "hinweis", "achtung", "wichtig",
            "betreff", "beispiel", "nota", "obs", "aviso", "importante", "remarque", "exemple", "asunto", "assunto");

    private static final class Count {
        private int lines;
        private int starts;
    }

    private final Map<String, Count> counts = new HashMap<>();
    private final Set<String> speakers = new HashSet<>();
    private long textLines;
    private long spokenLines;
    private long blocks;
    private long blocksOfOne;
    private int spokenInBlock;
    private boolean inBlock;

    static boolean isBlank(String line) {
        return WhiteSpace.isBlank(line);
    }

    /** Whether a line parts talks: a blank one, or a rule. */
    static boolean isBreak(String line) {
        return isBlank(line) || line.length() < 200 && RULE.matcher(line).matches();
    }

    void see(String line) {
        if (isBreak(line)) {
            endBlock();
            return;
        }
        textLines++;
        SpokenLine.of(line).ifPresent(spoken -> {
            spokenLines++;
            Count count = counts.size() < MOST_NAMES
                    ? counts.computeIfAbsent(spoken.speaker(), _ -> new Count())
                    : counts.get(spoken.speaker());
            if (count != null) {
                count.lines++;
                if (!inBlock) count.starts++;
            }
            spokenInBlock++;
        });
        inBlock = true;
    }

    private void endBlock() {
        if (inBlock && spokenInBlock > 0) {
            blocks++;
            if (spokenInBlock == 1) blocksOfOne++;
        }
        inBlock = false;
        spokenInBlock = 0;
    }

    /** Settles who speaks, after all lines were seen. */
    void decide() {
        endBlock();
        boolean isShort = spokenLines <= SHORT && spokenLines * 10 >= textLines * 9;
        counts.forEach((name, count) -> {
            boolean isNote = NOTES.contains(name.toLowerCase(Locale.ROOT));
            boolean speaks = isNote
                    ? count.lines > 2 && count.lines * 10L > textLines
                    : count.lines > 1 || isShort || count.starts > 0 && !blankLinesPartTurns();
            if (speaks) speakers.add(name);
        });
    }

    boolean isSpeaker(String name) {
        return speakers.contains(name);
    }

    int count() {
        return speakers.size();
    }

    /** The share of lines of text that begin with a speaker. */
    double share(List<String> lines) {
        long spoken = lines.stream().filter(line -> !isBreak(line)).map(SpokenLine::of)
                .filter(line -> line.isPresent() && isSpeaker(line.get().speaker())).count();
        return textLines == 0 ? 0 : (double) spoken / textLines;
    }

    /** Whether a blank line stands after every turn, and so does not end a talk. */
    boolean blankLinesPartTurns() {
        return blocks >= 2 && blocksOfOne * 10 >= blocks * 9;
    }
}
