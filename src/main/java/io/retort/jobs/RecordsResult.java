package io.retort.jobs;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a job that makes records came to.
 *
 * @param out            the file of all records; empty if they were only told to the listener
 * @param counts         what was counted, by name, over all processes that worked on it
 * @param finishedBefore whether there was nothing left to do
 * @param resumedAt      items that earlier processes had done
 * @param tokens         that this run computed
 * @param time           that this run took
 */
public record RecordsResult(Optional<Path> out, SortedMap<String, Long> counts, boolean finishedBefore,
        long resumedAt, long tokens, Duration time) {
    public RecordsResult {
        counts = Collections.unmodifiableSortedMap(new TreeMap<>(counts));
    }

    /** The value of the counter of a name; 0 if what it counts never happened. */
    public long count(String name) {
        return counts.getOrDefault(name, 0L);
    }
}
