package io.retort.simd;

import io.retort.files.BadInput;
import java.lang.foreign.MemorySegment;

/**
 * Functions of the rows of a matrix {@code [rows, dim]}: softmax, layer norm, sums, and their gradients, in plain Java
 * ({@link ScalarRowKernels}, the specification) or on the Vector API ({@link VectorRowKernels}).
 *
 * <p>A matrix is a segment of little-endian float32 that begins with its first element and has no gaps. Every method
 * works on rows {@code [from, to)} and touches no others, so that threads may share a matrix by rows. A result may take
 * the place of an argument of its shape, unless it says otherwise; it depends on its own row alone, not on how rows
 * were split.
 *
 * <p>Implementations keep no state; any thread may call them.
 */
public sealed interface RowKernels permits ScalarRowKernels, VectorRowKernels {
    /**
     * Softmax of each row, {@code y = softmax(scale x + addend)}. A row whose sums are all negative infinity, or hold
     * NaN, gives NaN.
     *
     * @param addend        null, or {@code [rows / rowsPerAddend, dim]}: row r takes addend row r / rowsPerAddend, such
     * as a mask of negative infinities
     * @param rowsPerAddend 1 or more
     */
    void softmax(MemorySegment x, float scale, MemorySegment addend, int rowsPerAddend, MemorySegment y, int dim,
            int from, int to);

    /** The gradient of {@link #softmax}, {@code dx = scale y (dy - sum of dy y)}, where y is its result. */
    void softmaxGradient(MemorySegment y, MemorySegment dy, float scale, MemorySegment dx, int dim, int from, int to);

    /** The logarithm of softmax, {@code y = x - log(sum of e^x)}. */
    void logSoftmax(MemorySegment x, MemorySegment y, int dim, int from, int to);

    /** The gradient of {@link #logSoftmax}, {@code dx = dy - e^y (sum of dy)}, where y is its result. */
    void logSoftmaxGradient(MemorySegment y, MemorySegment dy, MemorySegment dx, int dim, int from, int to);

    /**
     * Layer norm of each row: {@code s = x + residual; y = (s - mean) / sqrt(variance + epsilon) gamma + beta}, with
     * the variance being the mean of the squared deviations.
     *
     * @param residual null for none
     * @param sum      receives s; null if it is not wanted; may be x or residual, but not y
     * @param gamma    {@code [dim]}
     * @param beta     {@code [dim]}
     */
    void layerNorm(MemorySegment x, MemorySegment residual, MemorySegment sum, MemorySegment gamma, MemorySegment beta,
            float epsilon, MemorySegment y, int dim, int from, int to);

    /**
     * Gradients of {@link #layerNorm}.
     *
     * @param x      what was normalised (s there)
     * @param dx     receives the gradient of x; null if it is not wanted
     * @param dGamma {@code [dim]}, these rows' share is added to it; null if it is not wanted. Threads need one each
     * @param dBeta  {@code [dim]}, these rows' share is added to it; null if it is not wanted. Threads need one each
     */
    void layerNormGradient(MemorySegment x, MemorySegment gamma, float epsilon, MemorySegment dy, MemorySegment dx,
            MemorySegment dGamma, MemorySegment dBeta, int dim, int from, int to);

    /**
     * Adds the sum of these rows to {@code sums}, as the gradient of a bias.
     *
     * @param sums {@code [dim]}; threads need one each
     */
    void sumOfRows(MemorySegment x, MemorySegment sums, int dim, int from, int to);

    /**
     * The scaled sum of each row, {@code y_r = scale (sum over j of x_rj)}.
     *
     * @param y {@code [rows]}
     */
    void sumInRows(MemorySegment x, float scale, MemorySegment y, int dim, int from, int to);

    /**
     * The maximum of each row, {@code y_r = max over j of x_rj}; NaN if the row holds NaN.
     *
     * @param y {@code [rows]}
     */
    void maxInRows(MemorySegment x, MemorySegment y, int dim, int from, int to);

    /**
     * Adds weighted rows up, {@code out_i = fma(w_r, x_ri, out_i)} for r = 0, 1, ... in this order: a product of one row,
     * without packing, to the bits of {@link MatrixKernels}. Rows of x may have gaps between them.
     *
     * @param weights  {@code [rows]}, from element {@code first} on
     * @param offset   of the first row of x, in bytes
     * @param rowBytes from a row of x to the next
     * @param out      {@code [dim]} from byte {@code to} on, in and out
     */
    void addWeightedRows(MemorySegment weights, long first, int rows, MemorySegment x, long offset, long rowBytes,
            int dim, MemorySegment out, long to);

    /**
     * The implementation that {@link Kernels#PROPERTY} names, chosen as by {@link Kernels#best()}.
     *
     * @throws BadInput if the property names none, or asks for {@code vector} where it cannot run
     */
    static RowKernels best() {
        return switch (Kernels.best()) {
            case ScalarKernels _ -> new ScalarRowKernels();
            case VectorKernels _ -> new VectorRowKernels();
        };
    }
}
