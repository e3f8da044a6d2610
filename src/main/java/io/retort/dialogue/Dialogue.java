package io.retort.dialogue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A conversation from its first turn to its last.
 *
 * @param id unique in its file
 * @param source data set it comes from; may be empty
 * @param split part of that data set, as its makers cut it; may be empty
 * @param turns in order; at least one
 * @param meta whatever else the file tells (strings, numbers, booleans, nulls, lists, maps); see {@link #repliers()}
 */
public record Dialogue(String id, String source, String split, List<Turn> turns, Map<String, Object> meta) {
    private static final String REPLIERS = "repliers";

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

    /**
     * The speakers whose turns are replies, if whoever made the file chose them: a list of texts called {@code repliers}
     * in {@link #meta}. It may be empty.
     */
    public Optional<List<String>> repliers() {
        return repliers(meta);
    }

    static Optional<List<String>> repliers(Map<String, Object> meta) {
        if (meta.isEmpty() || !(meta.get(REPLIERS) instanceof List<?> listed)) return Optional.empty();
        List<String> speakers = new ArrayList<>(listed.size());
        for (Object each : listed) {
            if (!(each instanceof String speaker)) return Optional.empty();
            speakers.add(speaker);
        }
        return Optional.of(speakers);
    }

    /** This dialogue with a choice of the speakers whose turns are replies, instead of any before. */
    public Dialogue withRepliers(List<String> speakers) {
        return new Dialogue(id, source, split, turns, marked(meta, speakers));
    }

    static Map<String, Object> marked(Map<String, Object> meta, List<String> speakers) {
        Map<String, Object> marked = new LinkedHashMap<>(meta);
        marked.put(REPLIERS, List.copyOf(speakers));
        return marked;
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
