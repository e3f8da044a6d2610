package io.retort.tensor;

/**
 * A run of elements in a file of PyTorch's, over which tensors lie.
 *
 * @param key      the name under which the file keeps it
 * @param elements how many there are, as the pickle says
 */
record TorchStorage(String key, ElementType type, long elements) {
    /**
     * Returns how many bytes the elements take.
     *
     * @throws ArithmeticException if they exceed a long
     */
    long bytes() {
        return Math.multiplyExact(elements, type.bytes());
    }
}
