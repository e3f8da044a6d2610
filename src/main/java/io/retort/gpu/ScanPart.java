package io.retort.gpu;

import io.retort.simd.TopK;
import java.util.Arrays;
import java.util.BitSet;

/**
 * A part of an index's rows that one scan passes over; the best of all parts are the best of the index.
 *
 * @param shape    of the part
 * @param firstRow what its row 0 is called in the index
 */
record ScanPart(ScanShape shape, int firstRow) {
    /** What makes steps ready for queries. */
    interface Source {
        /** Steps for at most {@link CardSteps#QUERIES} queries; the ones before are done with. */
        ScanSteps with(float[][] queries, int k, BitSet allowed);
    }

    /** Which of its rows may be found, counted from its first one; null allows all. */
    BitSet allowed(BitSet ofIndex) {
        return ofIndex == null ? null : ofIndex.get(firstRow, firstRow + shape.count());
    }

    /** Whether any of its rows may be found. */
    boolean hasAllowed(BitSet ofIndex) {
        if (ofIndex == null) return true;
        int first = ofIndex.nextSetBit(firstRow);
        return first >= 0 && first - firstRow < shape.count();
    }

    /**
     * Offers each query's k best rows of this part, or all that are allowed.
     *
     * @param allowed  by the rows of the index; null allows all
     * @param best     one for each query
     * @param capacity candidates of a query for which the steps have room
     */
    void search(float[][] queries, int k, BitSet allowed, TopK[] best, int capacity, Source source) {
        if (!hasAllowed(allowed)) return;
        BitSet own = allowed(allowed);
        int most = Math.min(k, shape.count());
        for (int q = 0; q < queries.length; q += CardSteps.QUERIES) {
            int end = Math.min(q + CardSteps.QUERIES, queries.length);
            float[][] together = Arrays.copyOfRange(queries, q, end);
            new TopKScan(shape, capacity).search(most, Arrays.copyOfRange(best, q, end), firstRow,
                    numbers -> source.with(some(together, numbers), most, own));
        }
    }

    private static float[][] some(float[][] queries, int[] numbers) {
        return Arrays.stream(numbers).mapToObj(q -> queries[q]).toArray(float[][]::new);
    }
}
