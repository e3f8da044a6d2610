package io.retort.graph;

import static io.retort.simd.ElementOp.MULTIPLY_CONSTANT;

import io.retort.graph.Operation.Element;
import io.retort.graph.Operation.Product;

/**
 * Moves a constant factor of a product's operand into the product, {@code (c A) B = c (A B)}, where it costs nothing.
 */
final class FactorFusion extends Rewriting {
    @Override
    Value replacement(Value v) {
        if (!(v.operation instanceof Product product) || !product.plain()) return null;
        Value a = v.input(0), b = v.input(1);
        float scale = product.scale() * factor(a) * factor(b);
        if (scale == product.scale()) return null;
        return values.of(new Product(product.transposeA(), product.transposeB(), scale), v.shape,
                now(withoutFactor(a)), now(withoutFactor(b)));
    }

    private static float factor(Value v) {
        return is(v, MULTIPLY_CONSTANT) ? ((Element) v.operation).constant() : 1;
    }

    private static Value withoutFactor(Value v) {
        return is(v, MULTIPLY_CONSTANT) ? v.input(0) : v;
    }
}
