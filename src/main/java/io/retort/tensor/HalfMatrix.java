package io.retort.tensor;

/**
 * A matrix of F16 or BF16 that engines are to keep in 16 bits, where they would widen a plain {@link Tensor}.
 *
 * @param elements the matrix
 */
public record HalfMatrix(Tensor elements) implements ParameterValue {
    /** @throws IllegalArgumentException if it is no matrix, or of another type */
    public HalfMatrix {
        boolean half = elements.type() == ElementType.F16 || elements.type() == ElementType.BF16;
        if (!half || elements.shape().rank() != 2) throw new IllegalArgumentException(elements + " is no half matrix");
    }

    @Override
    public Shape shape() {
        return elements.shape();
    }

    @Override
    public Tensor plain() {
        return elements;
    }

    @Override
    public long firstNonFinite() {
        return elements.firstNonFinite();
    }

    @Override
    public HalfMatrix rows(int from, int to) {
        return new HalfMatrix(elements.rows(from, to));
    }
}
