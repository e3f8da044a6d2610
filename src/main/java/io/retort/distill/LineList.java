package io.retort.distill;

import io.retort.files.BadInput;
import io.retort.files.TextFile;
import io.retort.files.WhiteSpace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A list of texts, one a line; blank lines, and those that begin with {@code #}, are for people. */
final class LineList {
    private static final int MOST_BYTES = 16 << 20;

    private LineList() {}

    /** @throws BadInput if it has no text, is not UTF-8 or no such list */
    static List<String> read(Path file) throws IOException {
        List<String> lines = lines(TextFile.read(file, MOST_BYTES));
        if (lines.isEmpty()) throw BadInput.in(file, "is empty", "give one text a line");
        return lines;
    }

    /** Reads a list of the given name that comes with Retort. */
    static List<String> bundled(String name) throws IOException {
        try (InputStream in = LineList.class.getResourceAsStream("/io/retort/synthesis/" + name + ".txt")) {
            return lines(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static List<String> lines(String text) {
        return text.lines().map(WhiteSpace::strip)
                .filter(line -> !WhiteSpace.isBlank(line) && !line.startsWith("#"))
                .toList();
    }
}
