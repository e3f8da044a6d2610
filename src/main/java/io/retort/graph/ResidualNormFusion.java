package io.retort.graph;

import static io.retort.simd.ElementOp.ADD;

import io.retort.graph.Operation.LayerNorm;
import io.retort.graph.Operation.ResidualNorm;

/**
 * Computes the layer normalisation of a sum together with the sum, in one pass over the elements; the sum is stored too
 * where anything else reads it.
 */
final class ResidualNormFusion extends Rewriting {
    @Override
    Value replacement(Value v) {
        if (is(v, ADD) && users(v).stream().anyMatch(user -> fits(user, v))) {
            Value norm = users(v).stream().filter(user -> fits(user, v)).findFirst().orElseThrow();
            return values.part(parts(norm), 1, v.shape);
        }
        if (v.operation instanceof LayerNorm && is(v.input(0), ADD) && fits(v, v.input(0))) {
            return values.part(parts(v), 0, v.shape);
        }
        return null;
    }

    private static boolean fits(Value norm, Value sum) {
        return norm.operation instanceof LayerNorm && norm.input(0) == sum
                && sum.input(0).shape.equals(sum.shape) && sum.input(1).shape.equals(sum.shape);
    }

    private Value parts(Value norm) {
        Value sum = norm.input(0);
        float epsilon = ((LayerNorm) norm.operation).epsilon();
        return values.of(new ResidualNorm(epsilon), norm.shape, now(sum.input(0)), now(sum.input(1)),
                now(norm.input(1)), now(norm.input(2)));
    }
}
