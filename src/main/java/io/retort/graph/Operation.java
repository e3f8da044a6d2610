package io.retort.graph;

import io.retort.simd.Activation;
import io.retort.simd.ElementChain;
import io.retort.simd.ElementOp;
import java.util.List;

/**
 * What computes a {@link Value}: a few primitive operations, into which {@link Translation} resolves those of SameDiff
 * and of its gradients, and the fused ones that {@link Fusion} makes of them.
 */
sealed interface Operation {
    /**
     * A value that is fed at each run.
     *
     * @param inPlace whether it is read where the caller has it
     */
    record Input(String name, boolean inPlace) implements Operation {
    }

    record Parameter(String name) implements Operation {
    }

    /** A constant of the graph, found by its name. */
    record Constant(String name) implements Operation {
    }

    /** A value whose elements are all the same number. */
    record Fill(float value) implements Operation {
    }

    /** An element-wise operation on one input, or on two that broadcast. */
    record Element(ElementOp op, float constant) implements Operation {
        Element(ElementOp op) {
            this(op, 0);
        }
    }

    /**
     * {@code activation(scale · op(A) op(B) + bias + addend)} over the last two dimensions; leading ones agree. Inputs
     * A, B, then a bias {@code [columns]} and an addend of the result's shape where there are such.
     */
    record Product(boolean transposeA, boolean transposeB, float scale, Activation activation, boolean biased,
            boolean added) implements Operation {
        Product(boolean transposeA, boolean transposeB, float scale) {
            this(transposeA, transposeB, scale, Activation.NONE, false, false);
        }

        // Written out for a quick start: the JVM makes classes for what a record has by itself.
        @Override
        public boolean equals(Object other) {
            return other instanceof Product product && transposeA == product.transposeA
                    && transposeB == product.transposeB && Float.compare(scale, product.scale) == 0
                    && activation == product.activation && biased == product.biased && added == product.added;
        }

        @Override
        public int hashCode() {
            int flags = (transposeA ? 1 : 0) + (transposeB ? 2 : 0) + (biased ? 4 : 0) + (added ? 8 : 0);
            return 31 * Float.hashCode(scale) + 16 * activation.ordinal() + flags;
        }

        /** Returns whether the product has no activation, bias or addend yet; it may have a scale. */
        boolean plain() {
            return activation == Activation.NONE && !biased && !added;
        }
    }

    /** The input's elements in the same order under another shape. */
    record Reshape() implements Operation {
    }

    /**
     * The input with its dimensions reordered: dimension i of the result is dimension {@code order[i]} of the input.
     */
    record Permute(List<Integer> order) implements Operation {
    }

    /** A copy of the input, broadcast to the result's shape. */
    record Expand() implements Operation {
    }

    /** All inputs one after the other along the first dimension. */
    record Concatenation() implements Operation {
    }

    /** Indices {@code [n]} as rows {@code [n, depth]} with a one at the index and zeros elsewhere. */
    record OneHot() implements Operation {
    }

    /** {@code scale · Σ} over the middle one of the dimensions {@code [outer, length, inner]}. */
    record Sum(int outer, int length, int inner, float scale) implements Operation {
    }

    /** {@code softmax(scale · x + addend)} over the last dimension; the addend may be missing. */
    record Softmax(float scale) implements Operation {
    }

    /**
     * The gradient of softmax, {@code y (dy − Σ dy y)}, from softmax's output y and the gradient dy of that output.
     */
    record SoftmaxGradient() implements Operation {
    }

    record LogSoftmax() implements Operation {
    }

    /** The gradient of log softmax, from its output and the gradient of that output. */
    record LogSoftmaxGradient() implements Operation {
    }

    /** Layer normalisation over the last dimension; the inputs are x, weight and bias. */
    record LayerNorm(float epsilon) implements Operation {
        // Written out for a quick start: the JVM makes classes for what a record has by itself.
        @Override
        public boolean equals(Object other) {
            return other instanceof LayerNorm norm && Float.compare(epsilon, norm.epsilon) == 0;
        }

        @Override
        public int hashCode() {
            return Float.hashCode(epsilon);
        }
    }

    /**
     * The gradient of layer normalisation. The inputs are x, weight and the gradient of the output; the parts are the
     * gradients of x, weight and bias.
     */
    record LayerNormGradient(float epsilon) implements Operation {
    }

    /** One of the results of an operation that has several. */
    record Part(int index) implements Operation {
    }

    /**
     * Layer normalisation of x + residual. The inputs are x, residual, weight and bias; the parts are the normalised
     * sum and the sum.
     */
    record ResidualNorm(float epsilon) implements Operation {
    }

    /**
     * Attention by heads, {@code softmax(scale · Q Kᵀ + mask + bias) V}, with Q, K and V {@code [batch, heads, time,
     * d]}. Inputs Q, K, V, then a mask {@code [batch, 1, 1, time]} and a bias that broadcasts to {@code [batch, heads,
     * time, time]} where there are such.
     */
    record Attention(float scale, boolean masked, boolean biased) implements Operation {
    }

    /**
     * The gradient of {@link Attention}. The inputs are Q, K, V, the gradient of the output, the mask and the bias, if
     * any; the parts are the gradients of Q, K, V and of what the softmax is of.
     */
    record AttentionGradient(float scale, boolean masked, boolean biased) implements Operation {
    }

    /**
     * What a mask {@code [1, 1, rows, keys]} lets each row see, found once for all operations that use the mask. The
     * value stands for this finding and has no elements to read.
     */
    record MaskScan() implements Operation {
    }

    /**
     * Attention of rows, {@code softmax(scale · Q Kᵀ + mask) V}. Q and the result are {@code [keyHeads, group, rows,
     * d]}; K and V are {@code [keyHeads, keys, d]}, each given whole or as a cache and what follows it; the last input
     * is the mask's {@link MaskScan}.
     */
    record RowAttention(float scale) implements Operation {
    }

    /**
     * The gradient of {@link RowAttention}. The inputs are Q, K, V, the gradient of the result and the mask's scan; the
     * parts are the gradients of Q, K and V.
     */
    record RowAttentionGradient(float scale) implements Operation {
    }

    /**
     * Element-wise operations computed one after the other while the elements, seen as {@code [.., columns]}, are in
     * the cache.
     */
    record Chain(ElementChain chain, int columns) implements Operation {
    }
}
