package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * The inner loops of {@link VectorKernels} at one vector width. One class a width, because the JIT compiler makes
 * machine code of the Vector API only where the species is a constant. Dims are a multiple of {@value #LANES}, and rows
 * lie off the heap; the caller copies others, and pads. Each loop says again, by {@link OffHeap#of}, where its rows lie:
 * what the compiler has not inlined it compiles without what was known outside.
 *
 * <p>Folding many sums at once (as in transposing a matrix by butterflies): to fold lanes l and l + h of two vectors a
 * and b, {@code a.blend(b, M) + swap(b.blend(a, M))}, where M are the lanes with bit h and swap exchanges l and l ^ h,
 * leaves the folded a in the lanes without bit h and the folded b in the others. That is one shuffle and one addition
 * for two folds, in a fixed order.
 */
sealed interface Dots permits Dots128, Dots256, Dots512 {
    /** Rows, and queries, of one register tile. */
    int TILE = 4;
    /** Running sums of one pair: what a vector of 512 bits holds, two of 256, four of 128. */
    int LANES = 16;

    /**
     * Four rows, at byte offsets {@code at}, against one query: {@code sums[row]}; the rest of {@code sums[16]} is
     * scratch.
     */
    void column(MemorySegment rows, long[] at, float[] query, float[] sums);

    /** Four rows, at byte offsets {@code at}, against queries {@code [q, q + 4)}: {@code sums[4 query + row]}. */
    void tile(MemorySegment rows, long[] at, float[][] queries, int q, float[] sums);
}
