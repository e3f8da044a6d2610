package io.retort.graph;

import io.retort.graph.Storage.Buffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one run of a graph does, for inputs of fixed shapes: its steps in order, on an arena in which every buffer has
 * its place. Immutable; any number of workspaces may carry it out at once.
 *
 * @param feeds    where inputs are put
 * @param returned where outputs are found
 * @param early    steps, the first ones, that need no late input
 * @param elements floats of the arena
 */
record Plan(List<Feed> feeds, List<Step> steps, List<Place> returned, int early, long elements) {
    /**
     * The boundary, in elements, on which each buffer starts: 64 bytes, which are a cache line and the longest vector.
     */
    static final int ALIGNMENT = 16;

    /**
     * Where an input is put before a run; a place in {@link Storage.Fed} means that it is read where the caller has it.
     */
    record Feed(String input, Place place) {
        boolean isInPlace() {
            return place.storage() instanceof Storage.Fed;
        }
    }

    /** A plan is equal to itself alone: comparing what it consists of would take as long as some of its steps. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    /** Makes the plan of these steps by assigning an offset in the arena to each buffer that they touch. */
    static Plan of(List<Feed> feeds, List<Step> steps, List<Place> returned, int early) {
        Map<Buffer, Boolean> seen = new IdentityHashMap<>();
        List<Buffer> buffers = new ArrayList<>();
        for (Feed feed : feeds) {
            if (feed.place().storage() instanceof Buffer buffer) note(buffer, -1, seen, buffers);
        }
        for (int i = 0; i < steps.size(); i++) for (Buffer each : steps.get(i).touched()) note(each, i, seen, buffers);
        for (Place place : returned) {
            if (place.storage() instanceof Buffer buffer) note(buffer, steps.size(), seen, buffers);
        }
        return new Plan(feeds, List.copyOf(steps), returned, early, assign(buffers));
    }

    private static void note(Buffer buffer, int step, Map<Buffer, Boolean> seen, List<Buffer> buffers) {
        if (seen.put(buffer, true) == null) {
            buffer.first = step;
            buffers.add(buffer);
        }
        buffer.last = step;
    }

    /**
     * Largest first, each at the lowest offset where it meets no other that lives at the same time: greedy by size (Pisarchyk
     * and Lee 2020, Efficient Memory Management for Deep Neural Net Inference), within a few per cent of the optimum.
     */
    private static long assign(List<Buffer> buffers) {
        List<Buffer> placed = new ArrayList<>(); // by offset
        long end = 0;
        for (Buffer buffer : buffers.stream().sorted((a, b) -> Long.compare(b.elements, a.elements)).toList()) {
            long offset = 0;
            for (Buffer other : placed) {
                if (other.last < buffer.first || other.first > buffer.last) continue;
                if (offset + buffer.elements <= other.offset) break;
                offset = Math.max(offset, aligned(other.offset + other.elements));
            }
            buffer.offset = offset;
            int at = 0;
            while (at < placed.size() && placed.get(at).offset <= offset) at++;
            placed.add(at, buffer);
            end = Math.max(end, aligned(offset + buffer.elements));
        }
        return end;
    }

    private static long aligned(long elements) {
        return (elements + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
