package io.retort.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The structs {@code Scan} and {@code Phase} of the kernels, at the offsets that {@code scan.cuh} gives. */
final class ScanStruct {
    private static final int SCAN_BYTES = 176;
    private static final int PHASE_BYTES = 32;
    private static final int CANDIDATES = 104;

    private final MemorySegment scan;
    private final MemorySegment phase;

    ScanStruct(Arena arena) {
        scan = arena.allocate(SCAN_BYTES, Long.BYTES);
        phase = arena.allocate(PHASE_BYTES, Long.BYTES);
    }

    MemorySegment scan() {
        return scan;
    }

    MemorySegment phase() {
        return phase;
    }

    /** The rows. */
    void rows(ScanShape shape, long codes, long scales, long tileSlack, long rowSlack, long floats) {
        addresses(0, codes, scales, tileSlack, rowSlack, floats);
        ints(144, shape.count(), shape.dims(), shape.paddedDims(), shape.chunks());
    }

    /** What a search works with; 0 for {@code allowed} allows all. */
    void work(long allowed, long given, long exact, long queryCodes, long bounds, long thresholds, long counts,
            long overflowed, long candidates, long kept, long results, long resultCounts, long lists) {
        addresses(40, allowed, given, exact, queryCodes, bounds, thresholds, counts, overflowed, candidates, kept,
                results, resultCounts, lists);
    }

    /** What was kept are the candidates now, and their place is free. */
    void exchange() {
        long candidates = scan.get(ValueLayout.JAVA_LONG, CANDIDATES);
        long kept = scan.get(ValueLayout.JAVA_LONG, CANDIDATES + 8);
        addresses(CANDIDATES, kept, candidates);
    }

    /** Sizes of a search. */
    void sizes(int queries, int slots, int k) {
        ints(160, queries, slots, k);
    }

    /** The part of the tiles to scan, for queries from the given one on. */
    void phase(ScanPhase part, int firstQuery) {
        int[] values = {part.first(), part.tiles(), part.stride(), part.ratio(), part.direct() ? 1 : 0, firstQuery};
        for (int i = 0; i < values.length; i++) phase.setAtIndex(ValueLayout.JAVA_INT, i, values[i]);
    }

    private void addresses(int offset, long... values) {
        for (int i = 0; i < values.length; i++) scan.set(ValueLayout.JAVA_LONG, offset + 8L * i, values[i]);
    }

    private void ints(int offset, int... values) {
        for (int i = 0; i < values.length; i++) scan.set(ValueLayout.JAVA_INT, offset + 4L * i, values[i]);
    }
}
