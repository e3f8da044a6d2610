package io.retort.simd;

import io.retort.files.BadInput;

/**
 * The arithmetic of search, in plain Java ({@link ScalarKernels}, the specification) or on the Vector API
 * ({@link VectorKernels}).
 *
 * <p><b>Score of a row, which stands for values x ({@link RowFormat}), and a query q</b>, both padded with zeros to a multiple of 16 dims: sixteen running sums, sum
 * l taking {@code fma(x[i], q[i], sum)} for i = l, l + 16, l + 32, ... in this order, then folded as
 * {@code s[l] + s[l + 8]}, {@code s[l] + s[l + 4]}, {@code s[l] + s[l + 2]}, {@code s[0] + s[1]}. Nothing else enters:
 * the same two vectors have the same score, bit for bit, in any row, block, batch and thread, with scalar and vector
 * kernels, at every vector width, on every machine.
 *
 * <p>Its distance to the exact product is at most {@code gamma_n sum |x_i q_i|} with {@code n = ceil(dims / 16) + 4}
 * roundings, {@code gamma_n = n u / (1 - n u)} and {@code u = 2^-24} (Higham, Accuracy and Stability of Numerical
 * Algorithms, 3.1), plus {@code dims 2^-150} for underflow. Values that overflow follow IEEE 754.
 *
 * <p>Implementations keep no state; any thread may call them.
 */
public sealed interface Kernels permits ScalarKernels, VectorKernels {
    /**
     * System property that forces an implementation: {@code auto} (default), {@code vector}, {@code scalar}, which
     * specifies results and takes its time, or {@code plain}: loops without vectors, the fastest where a process ends
     * before the JVM has compiled vector code. Then the JVM needs no incubator module.
     */
    String PROPERTY = "retort.simd";

    /** The short name of these kernels, for {@code retort doctor} and logs: {@code scalar}, {@code vector-512}, ... */
    String name();

    /**
     * Scores of rows {@code [first, first + count)} against one query.
     *
     * @param query  {@code [rows.dims()]}
     * @param scores {@code [>= count]}, receives the scores from its start
     */
    void scores(Rows rows, int first, int count, float[] query, float[] scores);

    /**
     * Scores of rows {@code [first, first + count)} against several queries; each row comes from memory once.
     *
     * @param queries {@code [queries, rows.dims()]}
     * @param scores  {@code [queries, >= count]}, receives the scores from each row's start
     */
    void scores(Rows rows, int first, int count, float[][] queries, float[][] scores);

    /**
     * Scores of the rows {@code ids[0 .. count)}, in any order, against one query.
     *
     * @param query  {@code [rows.dims()]}
     * @param scores {@code [>= count]}, receives the scores in the order of the ids
     */
    void scores(Rows rows, int[] ids, int count, float[] query, float[] scores);

    /**
     * Finds which of rows {@code [first, first + count)} may have a score of at least the threshold, for several
     * queries; each row comes from memory once. A row that is not among them is below it for certain
     * ({@link Int8Rows}).
     *
     * @param first      a multiple of {@link Int8Rows#BLOCK}
     * @param count      a multiple of {@link Int8Rows#BLOCK}, unless the rows end there
     * @param thresholds {@code [queries]}, none NaN
     * @param reached    {@code [queries, >= blocks]}, receives for each query and block the rows as bits, the block's
     *                   first row as bit 0
     */
    void screen(Int8Rows rows, int first, int count, Int8Query[] queries, float[] thresholds, int[][] reached);

    /** First index in {@code [from, to)} whose value is at least {@code threshold} (NaN never is), or {@code to}. */
    int firstAtLeast(float[] values, int from, int to, float threshold);

    /** Whether {@value #PROPERTY} asks for plain loops. */
    static boolean arePlain() {
        return KernelChoice.isPlain();
    }

    /**
     * The implementation that {@value #PROPERTY} names, by default the fastest this JVM can run; a fall-back to scalar
     * is logged once.
     *
     * @throws BadInput if the property names none, or asks for {@code vector} where it cannot run
     */
    static Kernels best() {
        return KernelChoice.best();
    }
}
