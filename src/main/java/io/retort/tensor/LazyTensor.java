package io.retort.tensor;

import java.util.function.Supplier;

/**
 * A tensor that is made when its elements are asked for, each time anew, such as dequantised weights or weights with
 * what was trained added to them.
 *
 * @param shape    of what is made
 * @param elements makes it; any thread may ask
 */
public record LazyTensor(Shape shape, Supplier<Tensor> elements) implements ParameterValue {
    /** Makes a value that is dequantised when it is asked for. */
    public static LazyTensor dequantizing(QuantizedTensor stored) {
        return new LazyTensor(stored.shape(), stored::dequantized);
    }

    @Override
    public Tensor plain() {
        return elements.get();
    }

    @Override
    public long firstNonFinite() {
        return plain().firstNonFinite();
    }

    @Override
    public LazyTensor rows(int from, int to) {
        return new LazyTensor(shape.rows(from, to), () -> plain().rows(from, to));
    }
}
