package io.retort.generate;

import io.retort.lm.KeyValueCache;
import io.retort.lm.Sequence;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The computed contexts and priors of some scoring requests: each different one once, all in one batch. */
final class SharedPrefixes {
    private final Map<IntArrayList, Sequence> sequences = new LinkedHashMap<>();

    SharedPrefixes(KeyValueCache cache, List<ScoringRequest> requests) {
        for (ScoringRequest request : requests) {
            if (request.candidates().isEmpty()) continue;
            sequences.computeIfAbsent(IntArrayList.wrap(request.context()), _ -> cache.begin());
            if (request.prior() != null) {
                sequences.computeIfAbsent(IntArrayList.wrap(request.prior()), _ -> cache.begin());
            }
        }
        List<int[]> tokens = new ArrayList<>();
        sequences.keySet().forEach(prefix -> tokens.add(prefix.toIntArray()));
        if (!tokens.isEmpty()) cache.read(List.copyOf(sequences.values()), tokens);
    }

    Sequence get(int[] tokens) {
        return sequences.get(IntArrayList.wrap(tokens));
    }
}
