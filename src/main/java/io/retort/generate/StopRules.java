package io.retort.generate;

import io.retort.files.BadInput;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * When a completion is at its end.
 *
 * @param endTokens after any of these tokens
 * @param strings   as soon as its text holds any of these strings, such as a line break
 * @param maxTokens after so many tokens, 1 or more
 */
public record StopRules(Set<Integer> endTokens, List<String> strings, int maxTokens) {
    /** @throws BadInput if a value is out of its range */
    public StopRules {
        endTokens = Set.copyOf(endTokens);
        strings = List.copyOf(strings);
        if (maxTokens < 1) throw BadInput.of("at most " + maxTokens + " tokens", "use 1 or more");
        if (strings.contains("")) throw BadInput.of("an empty stop string", "leave it out");
    }

    /** The end tokens in order, for messages and fingerprints. */
    public List<Integer> sortedEndTokens() {
        return List.copyOf(new TreeSet<>(endTokens));
    }
}
