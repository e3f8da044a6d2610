package io.retort.graph;

import static io.retort.simd.ElementOp.ADD;
import static io.retort.simd.ElementOp.ADD_CONSTANT;
import static io.retort.simd.ElementOp.MULTIPLY;
import static io.retort.simd.ElementOp.MULTIPLY_CONSTANT;
import static io.retort.simd.ElementOp.RECIPROCAL;
import static io.retort.simd.ElementOp.SQUARE_ROOT;
import static io.retort.simd.ElementOp.SUBTRACT;

import io.retort.graph.Operation.Element;
import io.retort.graph.Operation.LayerNorm;
import io.retort.graph.Operation.Sum;

/** Layer norm as {@link Layers#layerNorm} writes it out: {@code (x − mean) / √(variance + ε) · weight + bias}. */
final class LayerNormFusion extends Rewriting {
    @Override
    Value replacement(Value v) {
        if (!is(v, ADD) || !isRow(v.input(1), v)) return null;
        Value weighted = v.input(0);
        if (!is(weighted, MULTIPLY) || !isRow(weighted.input(1), v) || !hidden(weighted)) return null;
        Value standard = weighted.input(0);
        if (!is(standard, MULTIPLY) || !hidden(standard) || !is(standard.input(1), RECIPROCAL)) return null;
        Value centred = standard.input(0), deviation = standard.input(1).input(0);
        if (!is(deviation, SQUARE_ROOT)) return null;
        Value shifted = deviation.input(0);
        if (!is(shifted, ADD_CONSTANT) || !is(centred, SUBTRACT)) return null;
        // The square reads it twice, the quotient once; a gradient that reads it too needs it anyway.
        if (users(centred).size() != 3 || isOutput(centred)) return null;
        Value x = centred.input(0);
        if (meanOf(centred.input(1)) != x || !isSquare(meanOf(shifted.input(0)), centred)) return null;
        float epsilon = ((Element) shifted.operation).constant();
        return values.of(new LayerNorm(epsilon), v.shape, now(x), now(weighted.input(1)), now(v.input(1)));
    }

    private static boolean isRow(Value v, Value of) {
        return v.rank() == 1 && of.rank() > 0 && v.dim(0) == of.dim(-1);
    }

    private static boolean isSquare(Value v, Value of) {
        return v != null && is(v, MULTIPLY) && v.input(0) == of && v.input(1) == of;
    }

    /** Returns the value whose mean over the last dimension {@code v} is, or null if {@code v} is no such mean. */
    private static Value meanOf(Value v) {
        if (!is(v, MULTIPLY_CONSTANT) || !(v.input(0).operation instanceof Sum sum)) return null;
        float scale = ((Element) v.operation).constant();
        return sum.inner() == 1 && scale * sum.scale() == 1f / sum.length() ? v.input(0).input(0) : null;
    }
}
