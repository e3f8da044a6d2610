package io.retort.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A quantised tensor as its file stores it, for kernels that work on blocks.
 *
 * @param type how the blocks are laid out
 * @param shape row-major, in elements: {@code [out, in]} for a product's weight, {@code in} a multiple of the block's
 *     elements
 * @param blocks row after row; mapped and read-only, or a copy where rows were rearranged
 */
public record QuantizedTensor(QuantizedType type, Shape shape, MemorySegment blocks) implements ParameterValue {
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

    @Override
    public Tensor plain() {
        return dequantized();
    }

    /** {@inheritDoc} Elements are finite where the scales of their block are, so that these alone are looked at. */
    @Override
    public long firstNonFinite() {
        long block = type.firstNonFinite(blocks);
        return block < 0 ? -1 : block * type.blockSize();
    }

    @Override
    public QuantizedTensor rows(int from, int to) {
        Shape some = shape.rows(from, to);
        long row = (long) shape.dim(1) / type.blockSize() * type.blockBytes();
        return new QuantizedTensor(type, some, blocks.asSlice(from * row, (to - from) * row));
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
