package io.retort.graph;

import io.retort.simd.Matrix;
import io.retort.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Where a value lies: element {@code [i, j, ...]} at {@code i · strides[0] + j · strides[1] + ...} of its storage, in
 * elements. Permuting and reshaping mostly only look at the same memory in another way.
 */
record Place(Storage storage, Shape shape, List<Long> strides) {
    static Place dense(Storage storage, Shape shape) {
        return new Place(storage, shape, denseStrides(shape));
    }

    private static List<Long> denseStrides(Shape shape) {
        Long[] strides = new Long[shape.rank()];
        long stride = 1;
        for (int i = shape.rank() - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape.dim(i);
        }
        return List.of(strides);
    }

    /** Returns whether the elements lie row-major without gaps. */
    boolean isDense() {
        List<Long> dense = denseStrides(shape);
        for (int i = 0; i < shape.rank(); i++) {
            if (shape.dim(i) != 1 && !strides.get(i).equals(dense.get(i))) return false;
        }
        return true;
    }

    Place permuted(List<Integer> order) {
        return new Place(storage, Shape.of(order.stream().mapToInt(shape::dim).toArray()),
                order.stream().map(strides::get).toList());
    }

    /** Returns the place of which this one is the permutation by {@code order}. */
    Place unpermuted(List<Integer> order) {
        Integer[] inverse = new Integer[order.size()];
        for (int i = 0; i < inverse.length; i++) inverse[order.get(i)] = i;
        return permuted(List.of(inverse));
    }

    /** Returns this place seen as broadcast to a shape: dimensions over which it is repeated have stride 0. */
    Place expanded(Shape to) {
        Long[] wide = new Long[to.rank()];
        for (int i = 1; i <= to.rank(); i++) {
            boolean there = i <= shape.rank() && shape.dim(-i) == to.dim(-i);
            wide[to.rank() - i] = there ? strides.get(shape.rank() - i) : 0L;
        }
        return new Place(storage, to, List.of(wide));
    }

    /** Returns how many matrices of the last two dimensions the place holds. */
    int matrices() {
        int count = 1;
        for (int i = 0; i < shape.rank() - 2; i++) count *= shape.dim(i);
        return count;
    }

    /** Returns one of the matrices, in the memory that the storage has in this run. */
    Matrix matrix(MemorySegment memory, int index, boolean transposed) {
        long offset = 0;
        for (int i = shape.rank() - 3, rest = index; i >= 0; i--) {
            offset += rest % shape.dim(i) * strides.get(i);
            rest /= shape.dim(i);
        }
        int rank = shape.rank();
        Matrix matrix = new Matrix(memory, Float.BYTES * offset, shape.dim(-2), shape.dim(-1), strides.get(rank - 2),
                strides.get(rank - 1));
        return transposed ? matrix.transposed() : matrix;
    }
}
