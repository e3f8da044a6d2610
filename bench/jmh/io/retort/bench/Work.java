package io.retort.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Rates beside a benchmark's time, per second: bytes that must pass through memory (rows once a batch, each matrix of a
 * product once) and floating-point operations.
 */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Work {
    /** Bytes of rows or matrices. */
    public long bytes;
    /** Additions and multiplications: two for each dim of each (row, query) pair, or of each element of a product. */
    public long flop;

    void count(int rows, int dims, int queries) {
        count(rows, dims, queries, Float.BYTES);
    }

    /** The same of rows with so many bytes a dim. */
    void count(int rows, int dims, int queries, int width) {
        bytes += (long) width * rows * dims;
        flop += 2L * rows * dims * queries;
    }

    /** A product [m, k] by [k, n]. */
    void product(long m, long k, long n) {
        bytes += 4 * (m * k + k * n + m * n);
        flop += 2 * m * k * n;
    }
}
