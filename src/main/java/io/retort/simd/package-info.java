/**
 * Arithmetic on floats as fast as this machine does it, with a plain-Java version of each kernel that is its
 * specification.
 *
 * <p>Entry types: {@link io.retort.simd.Kernels} (scores of search), {@link io.retort.simd.Gemm} (products of matrices),
 * {@link io.retort.simd.Attention}, {@link io.retort.simd.RowKernels} (softmax, layer norm and sums),
 * {@link io.retort.simd.ElementKernels} (chains of element-wise operations), {@link io.retort.simd.OptimizerKernels},
 * {@link io.retort.simd.EmbeddingKernels}, each chosen with its {@code best()}; {@link io.retort.simd.TopK} (bounded
 * selection), {@link io.retort.simd.WorkerPool} (the only way in which Retort's arithmetic becomes parallel).
 *
 * <p>May import {@code files} and {@code tensor}, whose blocks {@link io.retort.simd.BlockMatrix} keeps. Kernels and pools may be used from any thread; a {@code TopK}, a {@code Gemm} and a
 * {@code Scratch} belong to one.
 */
package io.retort.simd;
