package io.retort.graph;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Operations that are done together because that is faster; in the order in which they are tried. */
enum Fusion {
    /** Attention of rows to the keys that a mask lets each see. */
    ROW_ATTENTION(RowAttentionFusion::new),
    /** The five operations of GELU, and the many of its gradient. */
    GELU(GeluFusion::new),
    /** Layer norm written out, with its epsilon. */
    LAYER_NORM(LayerNormFusion::new),
    /** Factors of a product's operands as a factor of the product. */
    FACTOR(FactorFusion::new),
    /** Scale, mask and softmax. */
    SOFTMAX(SoftmaxFusion::new),
    /** Attention, and its gradient, head by head without the matrix of all probabilities. */
    ATTENTION(AttentionFusion::new),
    /** Bias, residual, other summands and GELU while a tile of the product is in the cache. */
    PRODUCT(ProductFusion::new),
    /** Layer norm of a sum that no product took in. */
    RESIDUAL_NORM(ResidualNormFusion::new),
    /** Element-wise operations on one tile after the other. */
    CHAIN(ChainFusion::new);

    static final Set<Fusion> ALL = Set.copyOf(EnumSet.allOf(Fusion.class));

    private final Supplier<Rewriting> rewriting;

    Fusion(Supplier<Rewriting> rewriting) {
        this.rewriting = rewriting;
    }

    /** The outputs, computed with these fusions. */
    static List<Value> fuse(List<Value> outputs, Set<Fusion> fusions) {
        List<Value> fused = outputs;
        for (Fusion fusion : values()) if (fusions.contains(fusion)) fused = fusion.rewriting.get().apply(fused);
        // Kernels run nothing but chains, if of one operation.
        return fusions.contains(CHAIN) ? fused : new ChainFusion(false).apply(fused);
    }
}
