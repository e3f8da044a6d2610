package io.retort.graph;

import static io.retort.simd.ElementOp.ADD;
import static io.retort.simd.ElementOp.MULTIPLY_CONSTANT;

import io.retort.graph.Operation.Element;
import io.retort.graph.Operation.Softmax;

/** {@code softmax(scale · x + mask)}, where the mask is the same for neighbouring rows. */
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
     * How many neighbouring rows of x one row of the addend belongs to: its leading dimensions are those of x, then come
     * ones, then the last dimension; 0 if it is not so.
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
