package io.retort.generate;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The replies to one context that survived cleaning, and why the others were dropped.
 *
 * @param kept in the order in which they were generated, no two of one normal form
 * @param dropped how many were dropped for which reason; reasons that did not occur are left out
 */
public record CleanedReplies(List<String> kept, Map<DropReason, Integer> dropped) {
    public CleanedReplies {
        kept = List.copyOf(kept);
        var counts = new EnumMap<DropReason, Integer>(DropReason.class);
        counts.putAll(dropped);
        dropped = Collections.unmodifiableMap(counts);
    }
}
