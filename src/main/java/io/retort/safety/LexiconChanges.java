package io.retort.safety;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a user changes of the lexicon.
 *
 * @param add    patterns that are stopped, by category
 * @param allow  everyday exceptions, by the category from which they are
 * @param remove patterns and exceptions of the lexicon that are left out, as it has them
 */
public record LexiconChanges(Map<SafetyCategory, List<String>> add, Map<SafetyCategory, List<String>> allow,
        List<String> remove) {
    /** Leaves the lexicon as it comes with Retort. */
    public static final LexiconChanges NONE = new LexiconChanges(Map.of(), Map.of(), List.of());

    public LexiconChanges {
        add = copy(add);
        allow = copy(allow);
        remove = List.copyOf(remove);
    }

    private static Map<SafetyCategory, List<String>> copy(Map<SafetyCategory, List<String>> patterns) {
        Map<SafetyCategory, List<String>> copy = new EnumMap<>(SafetyCategory.class);
        patterns.forEach((category, its) -> copy.put(category, List.copyOf(its)));
        return Map.copyOf(copy);
    }
}
