package io.retort.gpu;

import io.retort.simd.TopK;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds the best rows by {@link ScanSteps}: phase by phase over all tiles, and, for queries that had more candidates than
 * there is room for, again in pieces that cannot have too many.
 */
final class TopKScan {
    /** By how much the phases of a large batch grow: its candidates are written one by one. */
    private static final double BATCH_GROWTH = 16;
    /** Queries up to which candidates cost next to nothing. */
    private static final int FEW = 8;

    private final ScanShape shape;
    private final int capacity;

    /**
     * @param capacity candidates of a query for which there is room, a multiple of two tiles
     */
    TopKScan(ScanShape shape, int capacity) {
        if (capacity < 2 * ScanShape.TILE || capacity % (2 * ScanShape.TILE) != 0) {
            throw new IllegalArgumentException("capacity: " + capacity);
        }
        this.shape = shape;
        this.capacity = capacity;
    }

    /** Makes steps ready for some of the queries. */
    interface Start {
        /** Steps for these queries, given by their numbers, in this order. The ones before are done with. */
        ScanSteps of(int[] queries);
    }

    /**
     * Offers the k best of the rows, or all that are allowed.
     *
     * @param best     one for each query
     * @param firstRow what row 0 is called there
     */
    void search(int k, TopK[] best, int firstRow, Start start) {
        int[] queries = IntStream.range(0, best.length).toArray();
        ScanSteps steps = start.of(queries);
        run(steps, ScanPhase.schedule(shape.tiles(), capacity / 2 / ScanShape.TILE, growth(k, best.length)));
        int[] lost = IntStream.of(queries).filter(steps::overflowed).toArray();
        for (int q : queries) if (!steps.overflowed(q)) offer(steps, q, best[q], firstRow);
        if (lost.length > 0) searchInPieces(lost, best, firstRow, start);
    }

    private void searchInPieces(int[] queries, TopK[] best, int firstRow, Start start) {
        int piece = capacity / ScanShape.TILE;
        for (int tile = 0; tile < shape.tiles(); tile += piece) {
            ScanSteps steps = start.of(queries);
            run(steps, List.of(ScanPhase.whole(tile, Math.min(piece, shape.tiles() - tile))));
            for (int i = 0; i < queries.length; i++) offer(steps, i, best[queries[i]], firstRow);
        }
    }

    private static void run(ScanSteps steps, List<ScanPhase> phases) {
        steps.prepare();
        for (ScanPhase phase : phases) {
            steps.scan(phase);
            steps.tighten();
        }
        steps.choose();
        steps.finish();
    }

    private static void offer(ScanSteps steps, int query, TopK best, int firstRow) {
        int chosen = steps.chosen(query);
        for (int i = 0; i < chosen; i++) best.offer(firstRow + steps.row(query, i), steps.score(query, i));
    }

    /** So that candidates fill half of the room, by what the format's bounds are worth. */
    private double growth(int k, int queries) {
        double room = 1 + capacity / 2.0 / ((double) k * shape.format().slack());
        return Math.max(2, queries > FEW ? Math.min(room, BATCH_GROWTH) : room);
    }
}
