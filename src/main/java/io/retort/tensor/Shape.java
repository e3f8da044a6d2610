package io.retort.tensor;

import java.util.Arrays;

/** Dimensions of a tensor, outermost first; a scalar has none. Immutable. */
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
     * @throws ArithmeticException if the number of elements exceeds a long
     */
    public static Shape of(int... dims) {
        return new Shape(dims.clone());
    }

    public int rank() {
        return dims.length;
    }

    /** The dimension at {@code axis}; negative axes count from the end. */
    public int dim(int axis) {
        return dims[axis < 0 ? dims.length + axis : axis];
    }

    /** Number of elements. */
    public long size() {
        return size;
    }

    /**
     * {@code [n, m]} for {@code [m, n]}.
     *
     * @throws IllegalStateException if the rank is not 2
     */
    public Shape transposed() {
        if (dims.length != 2) throw new IllegalStateException("only matrices are transposed, not " + this);
        return of(dims[1], dims[0]);
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

    /** {@code [32, 64, 384]} */
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
