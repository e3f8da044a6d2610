package io.retort.graph;

import static io.retort.simd.ElementOp.ADD;
import static io.retort.simd.ElementOp.MULTIPLY_CONSTANT;

import io.retort.graph.Operation.Element;
import io.retort.graph.Operation.Softmax;

/**
 * Computes {@code softmax(scale · x + mask)} in one pass, where the same row of the mask serves neighbouring rows of x.
 */
final class SoftmaxFusion extends Rewriting {
    @Override
    Value replacement(Value v) {
        if (!(v.operation instanceof Softmax softmax) || v.inputs.size() != 1 || softmax.scale() != 1) return null;
        Value x = v.input(0), addend = null;
        if (is(x, ADD) && hidden(x)) {
            Value sum = x;
            for (Value each : sum.inputs) {
                Value rest = other(sum, each);
                if (rest.shape.equals(v.shape) && rowsPerRow(each, v) > 0) {
                    x = rest;
                    addend = each;
                }
            }
        }
        float scale = 1;
        if (is(x, MULTIPLY_CONSTANT) && hidden(x)) {
            scale = ((Element) x.operation).constant();
            x = x.input(0);
        }
        if (addend != null) return values.of(new Softmax(scale), v.shape, now(x), now(addend));
        return scale == 1 ? null : values.of(new Softmax(scale), v.shape, now(x));
    }

    /**
     * Returns how many neighbouring rows of x one row of the addend serves. The addend's leading dimensions must be
     * those of x, followed by ones and the last dimension; the result is 0 if they are not.
     */
    static int rowsPerRow(Value addend, Value x) {
        int rank = x.rank();
        if (addend.rank() != rank || rank < 2 || addend.dim(-1) != x.dim(-1)) return 0;
        int same = 0;
        while (same < rank - 1 && addend.dim(same) == x.dim(same)) same++;
        int rows = 1;
        for (int i = same; i < rank - 1; i++) {
            if (addend.dim(i) != 1) return 0;
            rows *= x.dim(i);
        }
        return rows;
    }
}
