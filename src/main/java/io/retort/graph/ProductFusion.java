package io.retort.graph;

import static io.retort.simd.ElementOp.ADD;
import static io.retort.simd.ElementOp.GELU;
import static io.retort.simd.ElementOp.GELU_TANH;
import static io.retort.simd.ElementOp.MULTIPLY_CONSTANT;

import io.retort.graph.Operation.Element;
import io.retort.graph.Operation.Product;
import io.retort.simd.Activation;
import java.util.ArrayList;
import java.util.List;

/**
 * Absorbs scale, bias, addend and activation into the product before them: {@code activation(scale · A B + bias +
 * addend)}.
 */
final class ProductFusion extends Rewriting {
    @Override
    Value replacement(Value v) {
        if (is(v, ADD)) {
            Value sum = sum(v, v.input(1), v.input(0));
            return sum != null ? sum : sum(v, v.input(0), v.input(1));
        }
        Value product = v.inputs.size() == 1 ? taken(v.input(0)) : null;
        if (product == null) return null;
        Product op = (Product) product.operation;
        if (is(v, MULTIPLY_CONSTANT) && op.plain()) {
            float scale = op.scale() * ((Element) v.operation).constant();
            return values.of(new Product(op.transposeA(), op.transposeB(), scale), v.shape, product.inputs);
        }
        if (is(v, GELU)) return activated(product, Activation.GELU);
        return is(v, GELU_TANH) ? activated(product, Activation.GELU_TANH) : null;
    }

    /**
     * Returns the product that {@code old} has become, if {@code old} has a single reader and the product has no
     * activation yet, so that more can be absorbed; null otherwise.
     */
    private Value taken(Value old) {
        if (!hidden(old)) return null;
        Value product = now(old);
        return product.operation instanceof Product op && op.activation() == Activation.NONE ? product : null;
    }

    private Value sum(Value v, Value maybeProduct, Value summand) {
        Value product = taken(maybeProduct);
        if (product == null || product.rank() != 2) return null;
        Product op = (Product) product.operation;
        List<Value> inputs = new ArrayList<>(product.inputs);
        boolean bias = summand.rank() == 1 && summand.dim(0) == v.dim(-1) && !op.biased();
        boolean addend = summand.shape.equals(v.shape) && product.shape.equals(v.shape) && !op.added();
        if (bias) inputs.add(2, now(summand));
        else if (addend) inputs.add(now(summand));
        else return null;
        return values.of(new Product(op.transposeA(), op.transposeB(), op.scale(), Activation.NONE,
                op.biased() || bias, op.added() || addend), v.shape, inputs);
    }

    private Value activated(Value product, Activation activation) {
        Product op = (Product) product.operation;
        if (product.rank() != 2) return null;
        return values.of(new Product(op.transposeA(), op.transposeB(), op.scale(), activation, op.biased(),
                op.added()), product.shape, product.inputs);
    }
}
