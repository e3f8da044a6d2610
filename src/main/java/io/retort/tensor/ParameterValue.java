package io.retort.tensor;

/**
 * The value of a model's parameter, in one of the forms in which it may be handed to an engine. A {@link Tensor} has
 * plain elements, with which engines compute as floats. A {@link QuantizedTensor} or a {@link HalfMatrix} is to be
 * kept as it is stored, by engines that can compute with it so; others ask for its {@link #plain} elements. A {@link
 * LazyTensor} is made when it is needed, so that a large model is not in memory twice.
 */
public sealed interface ParameterValue permits Tensor, QuantizedTensor, HalfMatrix, LazyTensor {
    Shape shape();

    /** Returns the elements themselves; a copy, except of what is a {@link Tensor} already. */
    Tensor plain();

    /** Returns whether no element is NaN or infinite; integers always are finite. */
    default boolean allFinite() {
        return firstNonFinite() < 0;
    }

    /** Returns the row-major index of the first element that is NaN or infinite, or -1 if there is none. */
    long firstNonFinite();

    /**
     * Returns rows {@code [from, to)} of a matrix in the same form; elements are not copied.
     *
     * @throws IllegalStateException     if the rank is not 2
     * @throws IndexOutOfBoundsException if it has not these rows
     */
    ParameterValue rows(int from, int to);
}
