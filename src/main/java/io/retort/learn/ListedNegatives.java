package io.retort.learn;

import io.retort.dialogue.Origin;
import io.retort.dialogue.ResponseSet;
import io.retort.files.BadInput;
import io.retort.files.JsonLines;
import io.retort.files.JsonRecord;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Hard negatives that somebody else has chosen: for each context, by its id, replies that look right and are not, as
 * places in the response set. Immutable once read.
 */
final class ListedNegatives {
    private static final int[] NONE = {};

    private final Map<String, int[]> places = new HashMap<>();
    private long unknown;

    private ListedNegatives() {
    }

    /**
     * Reads files of lines {@code {"id", "negatives": [text…]}}. Lines of one id add up.
     *
     * @param ids       of the examples
     * @param responses to which the texts are added
     * @throws BadInput if a line is none, or no id of all is one of an example
     */
    static ListedNegatives read(List<Path> files, Set<String> ids, ResponseSet responses) throws IOException {
        ListedNegatives listed = new ListedNegatives();
        Map<String, IntArrayList> found = new HashMap<>();
        for (Path file : files) {
            try (JsonLines lines = JsonLines.open(file)) {
                while (lines.hasNext()) listed.read(lines.next(), ids, found, responses);
            }
        }
        found.forEach((id, each) -> listed.places.put(id, each.intStream().distinct().toArray()));
        if (!files.isEmpty() && found.isEmpty()) {
            throw BadInput.atLine(files.getFirst(), 1, "neither its id nor that of any later line is a context's that "
                    + "is trained on", "use ids of distilled data, or DIALOGUE#TURN for dialogues (turns from 0)");
        }
        return listed;
    }

    private void read(JsonRecord line, Set<String> ids, Map<String, IntArrayList> found, ResponseSet responses) {
        String id = line.text("id");
        List<String> negatives = line.texts("negatives");
        if (negatives.isEmpty()) throw line.fault("negatives", "is empty", "remove the line or give it replies");
        if (!ids.contains(id)) {
            unknown++;
            return;
        }
        IntArrayList own = found.computeIfAbsent(id, _ -> new IntArrayList());
        for (String text : negatives) own.add(responses.add(text, Origin.GENERATED));
    }

    /** Those of an example; none if there is no line for it. */
    int[] of(String id) {
        return places.getOrDefault(id, NONE);
    }

    /** Examples' ids that have some. */
    int contexts() {
        return places.size();
    }

    /** Lines whose id is no example's: unknown, or of a context that is left out. */
    long unknown() {
        return unknown;
    }
}
