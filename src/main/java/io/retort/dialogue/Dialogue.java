package io.retort.dialogue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A conversation from its first turn to its last.
 *
 * @param id unique in its file
 * @param source data set it comes from; may be empty
 * @param split part of that data set, as its makers cut it; may be empty
 * @param turns in order; at least one
 * @param meta whatever else the file tells (strings, numbers, booleans, nulls, lists, maps)
 */
public record Dialogue(String id, String source, String split, List<Turn> turns, Map<String, Object> meta) {
    public Dialogue {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(split, "split");
        turns = List.copyOf(turns);
        if (turns.isEmpty()) throw new IllegalArgumentException("dialogue " + id + " without turns");
        meta = PlainValues.copyOf(meta);
    }

    /** A dialogue without split and further fields. */
    public Dialogue(String id, String source, List<Turn> turns) {
        this(id, source, "", turns, Map.of());
    }

    /** This dialogue with consecutive turns of one speaker joined into one turn, by a space. */
    public Dialogue merged() {
        List<Turn> merged = new ArrayList<>();
        int start = 0;
        while (start < turns.size()) {
            int end = start + 1;
            while (end < turns.size() && sameSpeaker(start, end)) end++;
            merged.add(joined(turns.subList(start, end)));
            start = end;
        }
        return merged.size() == turns.size() ? this : new Dialogue(id, source, split, merged, meta);
    }

    private boolean sameSpeaker(int one, int other) {
        return turns.get(one).speaker().equals(turns.get(other).speaker());
    }

    private static Turn joined(List<Turn> row) {
        if (row.size() == 1) return row.getFirst();
        return new Turn(row.getFirst().speaker(), String.join(" ", row.stream().map(Turn::text).toList()));
    }
}
