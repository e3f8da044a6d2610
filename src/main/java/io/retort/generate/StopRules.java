package io.retort.generate;

import java.util.List;
import java.util.Set;

/**
 * Where a generated reply ends: before the first of these strings, or at the first of these tokens.
 *
 * @param strings none empty
 * @param tokens ids
 */
public record StopRules(List<String> strings, Set<Integer> tokens) {
    public StopRules {
        strings = List.copyOf(strings);
        tokens = Set.copyOf(tokens);
        if (strings.contains("")) throw new IllegalArgumentException("an empty stop string ends every reply at once");
    }

    /** Whether generation ends at this token, which is not part of the reply. */
    public boolean stopsAt(int token) {
        return tokens.contains(token);
    }

    /** The place in a text at which its first stop string begins, or -1 if it holds none. */
    public int find(String text) {
        return strings.stream().mapToInt(text::indexOf).filter(place -> place >= 0).min().orElse(-1);
    }
}
