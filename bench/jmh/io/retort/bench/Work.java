package io.retort.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Rates beside a benchmark's time: bytes of rows read (once a batch) and floating-point operations, per second. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Work {
    /** Bytes of rows. */
    public long bytes;
    /** Additions and multiplications: two for each dim of each (row, query) pair. */
    public long flop;

    void count(int rows, int dims, int queries) {
        count(rows, dims, queries, Float.BYTES);
    }

    /** The same of rows with so many bytes a dim. */
    void count(int rows, int dims, int queries, int width) {
        bytes += (long) width * rows * dims;
        flop += 2L * rows * dims * queries;
    }
}
