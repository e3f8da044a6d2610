package io.retort.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A tensor of PyTorch's: a view of a storage.
 *
 * @param offset  the storage's element at which it begins
 * @param strides how many elements lie between neighbours in each dimension
 */
record TorchTensor(TorchStorage storage, long offset, Shape shape, long[] strides) {
    /**
     * Returns the storage's element after the last one that the tensor uses.
     *
     * @throws ArithmeticException if it exceeds a long
     */
    long end() {
        if (shape.size() == 0) return offset;
        long last = offset;
        for (int axis = 0; axis < strides.length; axis++) {
            last = Math.addExact(last, Math.multiplyExact(strides[axis], shape.dim(axis) - 1L));
        }
        return Math.addExact(last, 1);
    }

    /**
     * Returns the elements in row-major order: a slice of the storage, where they lie so, else a copy.
     *
     * @param elements the storage's bytes
     */
    Tensor over(MemorySegment elements) {
        int width = storage.type().bytes();
        if (isRowMajor()) {
            return new Tensor(storage.type(), shape, elements.asSlice(offset * width, shape.size() * width));
        }
        MemorySegment copy = MemorySegment.ofArray(new byte[Math.toIntExact(shape.size() * width)]);
        int rank = shape.rank();
        int[] index = new int[rank];
        long from = offset;
        for (long to = 0; to < shape.size(); to++) {
            MemorySegment.copy(elements, from * width, copy, to * width, width);
            for (int axis = rank - 1; axis >= 0; axis--) {
                from += strides[axis];
                if (++index[axis] < shape.dim(axis)) break;
                from -= strides[axis] * shape.dim(axis);
                index[axis] = 0;
            }
        }
        return new Tensor(storage.type(), shape, copy);
    }

    boolean isRowMajor() {
        long expected = 1;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            if (shape.dim(axis) != 1 && strides[axis] != expected) return shape.size() == 0;
            expected *= shape.dim(axis);
        }
        return true;
    }
}
