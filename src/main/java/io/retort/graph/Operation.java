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
     * Fed at each run.
     *
     * @param inPlace whether it is read where the caller has it
     */
    record Input(String name, boolean inPlace) implements Operation {
    }

    record Parameter(String name) implements Operation {
    }

    /** A constant of the graph, by name. */
    record Constant(String name) implements Operation {
    }

    /** Every element is this number. */
    record Fill(float value) implements Operation {
    }

    /** Element by element, of one input or of two, which broadcast. */
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

        /** Nothing but a product yet. */
        boolean plain() {
            return activation == Activation.NONE && !biased && !added;
        }
    }

    /** The same elements in the same order. */
    record Reshape() implements Operation {
    }

    /** Dimension i of the result is dimension {@code order[i]} of the input. */
    record Permute(List<Integer> order) implements Operation {
    }

    /** A copy with the input broadcast to the result's shape. */
    record Expand() implements Operation {
    }

    /** One input after the other along the first dimension. */
    record Concatenation() implements Operation {
    }

    /** Of indices {@code [n]}: {@code [n, depth]}, ones at the indices, zeros elsewhere. */
    record OneHot() implements Operation {
    }

    /** {@code scale · Σ} over the middle one of the dimensions {@code [outer, length, inner]}. */
    record Sum(int outer, int length, int inner, float scale) implements Operation {
    }

    /** {@code softmax(scale · x + addend)} over the last dimension; the addend may be missing. */
    record Softmax(float scale) implements Operation {
    }

    /** Of softmax's output and the gradient of it: {@code y (dy − Σ dy y)}. */
    record SoftmaxGradient() implements Operation {
    }

    record LogSoftmax() implements Operation {
    }

    /** Of log softmax's output and the gradient of it. */
    record LogSoftmaxGradient() implements Operation {
    }

    /** Of x, weight and bias, over the last dimension. */
    record LayerNorm(float epsilon) implements Operation {
    }

    /** Of x, weight and the gradient of the output; parts: gradients of x, weight and bias. */
    record LayerNormGradient(float epsilon) implements Operation {
    }

    /** One of the values of an operation that has several. */
    record Part(int index) implements Operation {
    }

    /** Layer norm of x + residual; inputs x, residual, weight, bias; parts: the norm and the sum. */
    record ResidualNorm(float epsilon) implements Operation {
    }

    /**
     * {@code softmax(scale · Q Kᵀ + mask) V}; Q, K, V {@code [batch, heads, time, d]}, a mask {@code [batch, 1, 1,
     * time]} or none.
     */
    record Attention(float scale) implements Operation {
    }

    /** Of Q, K, V, the gradient of attention's output and its mask, if any; parts: gradients of Q, K and V. */
    record AttentionGradient(float scale) implements Operation {
    }

    /** Element-wise operations one after the other, while the elements are in the cache, on {@code [.., columns]}. */
    record Chain(ElementChain chain, int columns) implements Operation {
    }
}
