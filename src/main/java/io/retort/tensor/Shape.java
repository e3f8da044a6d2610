package io.retort.tensor;

import java.util.Arrays;
import java.util.Objects;

/** The dimensions of a tensor, outermost first; a scalar has none. Immutable. */
public final class Shape {
    private final int[] dims;
    private final long size;

    private Shape(int[] dims) {
        long product = 1;
        for (int dim : dims) {
            if (dim < 0) throw new IllegalArgumentException("negative dimension in " + Arrays.toString(dims));
            product = Math.multiplyExact(product, dim);
        }
        this.dims = dims;
        this.size = product;
    }

    /**
     * Creates a shape of these dimensions.
     *
     * @throws ArithmeticException if the number of elements exceeds a long
     */
    public static Shape of(int... dims) {
        return new Shape(dims.clone());
    }

    public int rank() {
        return dims.length;
    }

    /** Returns the size of the dimension at {@code axis}; negative axes count from the end. */
    public int dim(int axis) {
        return dims[axis < 0 ? dims.length + axis : axis];
    }

    /** Returns the number of elements of a tensor of this shape. */
    public long size() {
        return size;
    }

    /**
     * Returns {@code [n, m]} for a matrix's shape {@code [m, n]}.
     *
     * @throws IllegalStateException if the rank is not 2
     */
    public Shape transposed() {
        if (dims.length != 2) throw new IllegalStateException("only matrices are transposed, not " + this);
        return of(dims[1], dims[0]);
    }

    /**
     * Returns the shape of rows {@code [from, to)} of a matrix.
     *
     * @throws IllegalStateException     if the rank is not 2
     * @throws IndexOutOfBoundsException if it has not these rows
     */
    Shape rows(int from, int to) {
        if (dims.length != 2) throw new IllegalStateException("only matrices have rows, not " + this);
        Objects.checkFromToIndex(from, to, dims[0]);
        return of(to - from, dims[1]);
    }

    public int[] toArray() {
        return dims.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape that && Arrays.equals(dims, that.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** Returns the dimensions in brackets, such as {@code [32, 64, 384]}. */
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
