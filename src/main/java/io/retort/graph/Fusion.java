package io.retort.graph;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Groups of operations that one kernel computes together, because that is faster than one after the other. The
 * constants stand in the order in which they are tried.
 */
enum Fusion {
    /** Attention of rows to the keys that a mask lets each row see, as decoders use it. */
    ROW_ATTENTION(RowAttentionFusion::new),
    /** GELU, written as five operations, and the longer expression of its gradient. */
    GELU(GeluFusion::new),
    /** Layer normalisation, which models write out as elementary operations with an epsilon. */
    LAYER_NORM(LayerNormFusion::new),
    /** Constant factors of a product's operands, which become the factor of the product. */
    FACTOR(FactorFusion::new),
    /** Softmax together with the scale and the mask before it. */
    SOFTMAX(SoftmaxFusion::new),
    /** Attention and its gradient, computed head by head without storing the matrix of all probabilities. */
    ATTENTION(AttentionFusion::new),
    /**
     * A product together with its bias, residual, other summands and activation, applied while a tile of the result is
     * in the cache.
     */
    PRODUCT(ProductFusion::new),
    /** Layer normalisation together with a preceding sum that no product has absorbed. */
    RESIDUAL_NORM(ResidualNormFusion::new),
    /** Sequences of element-wise operations, computed tile by tile so that intermediate values stay in the cache. */
    CHAIN(ChainFusion::new);

    static final Set<Fusion> ALL = Set.copyOf(EnumSet.allOf(Fusion.class));

    private final Supplier<Rewriting> rewriting;

    Fusion(Supplier<Rewriting> rewriting) {
        this.rewriting = rewriting;
    }

    /**
     * Applies these fusions to the computation that leads to {@code outputs} and returns the values that replace them.
     */
    static List<Value> fuse(List<Value> outputs, Set<Fusion> fusions) {
        List<Value> fused = outputs;
        for (Fusion fusion : values()) if (fusions.contains(fusion)) fused = fusion.rewriting.get().apply(fused);
        // Kernels run nothing but chains, if of one operation.
        return fusions.contains(CHAIN) ? fused : new ChainFusion(false).apply(fused);
    }
}
