package io.retort.simd;

import static io.retort.simd.Extents.holds;

import java.lang.foreign.MemorySegment;

/** Checks of the arguments of {@link RowKernels}, once a call, so that inner loops need none. */
final class RowShapes {
    private RowShapes() {
    }

    static void softmax(MemorySegment x, MemorySegment addend, int rowsPerAddend, MemorySegment y, int dim, int from,
            int to) {
        likeRows(x, y, y, dim, from, to);
        if (rowsPerAddend < 1) throw new IllegalArgumentException("rowsPerAddend = " + rowsPerAddend);
        if (addend != null && to > 0) holds(addend, (to - 1) / rowsPerAddend + 1, dim);
    }

    /** Checks three matrices of one shape, of which rows {@code [from, to)} are touched. */
    static void likeRows(MemorySegment a, MemorySegment b, MemorySegment c, int dim, int from, int to) {
        Extents.range(dim, from, to);
        holds(a, to, dim);
        holds(b, to, dim);
        holds(c, to, dim);
    }

    static void layerNorm(MemorySegment x, MemorySegment residual, MemorySegment sum, MemorySegment gamma,
            MemorySegment beta, MemorySegment y, int dim, int from, int to) {
        likeRows(x, residual == null ? x : residual, y, dim, from, to);
        if (sum != null) holds(sum, to, dim);
        holds(gamma, 1, dim);
        holds(beta, 1, dim);
    }

    static void layerNormGradient(MemorySegment x, MemorySegment gamma, MemorySegment dy, MemorySegment dx,
            MemorySegment dGamma, MemorySegment dBeta, int dim, int from, int to) {
        likeRows(x, dy, dx == null ? x : dx, dim, from, to);
        holds(gamma, 1, dim);
        if (dGamma != null) holds(dGamma, 1, dim);
        if (dBeta != null) holds(dBeta, 1, dim);
    }

    static void sumOfRows(MemorySegment x, MemorySegment sums, int dim, int from, int to) {
        likeRows(x, x, x, dim, from, to);
        holds(sums, 1, dim);
    }

    static void inRows(MemorySegment x, MemorySegment y, int dim, int from, int to) {
        likeRows(x, x, x, dim, from, to);
        holds(y, to, 1);
    }
}
