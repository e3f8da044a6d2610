package io.retort.text;

import java.util.BitSet;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The special tokens of a tokenizer by name, and the search for them in text that may hold them. Immutable.
 */
public final class SpecialTokens {
    private final Map<String, Integer> ids;
    private final int[] lengths;
    private final BitSet firstLetters = new BitSet(Character.MAX_VALUE + 1);

    /**
     * @param ids id by name; empty names are passed over
     */
    public SpecialTokens(Map<String, Integer> ids) {
        this.ids = Map.copyOf(ids);
        this.ids.keySet().stream().filter(name -> !name.isEmpty()).forEach(name -> firstLetters.set(name.charAt(0)));
        lengths = this.ids.keySet().stream().map(String::length).filter(length -> length > 0).distinct()
                .sorted(Comparator.reverseOrder()).mapToInt(length -> length).toArray();
    }

    /** Id of a special token; empty if there is none of this name. */
    public OptionalInt id(String name) {
        Integer id = ids.get(name);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The first special token in a text; empty if there is none. */
    public Optional<String> firstIn(String text) {
        for (int place = 0; place < text.length(); place++) {
            int length = lengthAt(text, place, text.length());
            if (length > 0) return Optional.of(text.substring(place, place + length));
        }
        return Optional.empty();
    }

    /** Length of the longest special token that starts at this place of a text and ends by the limit; 0 if none does. */
    int lengthAt(CharSequence text, int place, int limit) {
        if (!firstLetters.get(text.charAt(place))) return 0;
        for (int length : lengths) {
            if (length <= limit - place && ids.containsKey(text.subSequence(place, place + length).toString())) {
                return length;
            }
        }
        return 0;
    }
}
