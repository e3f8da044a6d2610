package io.retort.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A quantised tensor as its file stores it, for kernels that work on blocks.
 *
 * @param type how the blocks are laid out
 * @param shape row-major, in elements: {@code [out, in]} for a product's weight, {@code in} a multiple of the block's
 *     elements
 * @param blocks row after row; mapped and read-only, or a copy on the heap where rows were rearranged
 */
public record QuantizedTensor(QuantizedType type, Shape shape, MemorySegment blocks) {
    /**
     * Checks that shape and blocks agree.
     *
     * @throws IllegalArgumentException if rows are not whole blocks, or {@code blocks} is not as long as type and shape
     *     say
     */
    public QuantizedTensor {
        if (shape.rank() == 0 || shape.dim(-1) % type.blockSize() != 0
                || blocks.byteSize() != shape.size() / type.blockSize() * type.blockBytes()) {
            throw new IllegalArgumentException(blocks.byteSize() + " bytes for " + type + shape);
        }
    }

    /**
     * Decodes the elements to floats, into a copy.
     *
     * @throws IllegalStateException for more elements than an array holds
     */
    public Tensor dequantized() {
        if (shape.size() > Integer.MAX_VALUE - 8) throw new IllegalStateException(shape + " is larger than an array");
        float[] values = new float[(int) shape.size()];
        type.dequantize(blocks, values);
        return Tensor.of(values, shape.toArray());
    }
}
