package io.retort.tensor;

import java.lang.foreign.MemorySegment;

/**
 * How llama.cpp's quantised tensors are stored: each row is cut into blocks of as many elements, and each block holds
 * small integers q with what scales them. Layouts, little-endian, f16 scales:
 * <ul>
 * <li>{@code Q4_0}: d, 16 bytes of q; x = d (q − 8). The low four bits of byte i are element i, the high ones i + 16
 * <li>{@code Q4_1}: d, m, 16 bytes of q; x = d q + m
 * <li>{@code Q5_0}: d, 32 bits, 16 bytes of q; bit i is the fifth of element i; x = d (q − 16)
 * <li>{@code Q5_1}: d, m, 32 bits, 16 bytes of q; x = d q + m
 * <li>{@code Q8_0}: d, 32 signed bytes of q; x = d q
 * <li>{@code Q4_K}: d, dmin, 12 bytes with eight pairs of 6-bit (s, m), one for each 32 elements, 128 bytes of q; x =
 * (d s) q − dmin m. Each 32 bytes of q are 32 elements in their low four bits, then 32 in their high ones
 * <li>{@code Q5_K}: d, dmin, the 12 bytes of {@code Q4_K}, 32 bytes whose bit p is the fifth of elements of part p, 128 bytes
 * of q as in {@code Q4_K}; x = (d s) q − dmin m
 * <li>{@code Q6_K}: 128 bytes of the low four bits of q, 64 of its upper two, 16 signed scales s, one for each 16
 * elements, d; x = (d s) (q − 32)
 * </ul>
 */
public enum QuantizedType {
    Q4_0(32, 18, Dequantization::q4Zero, 0), Q4_1(32, 20, Dequantization::q4One, 0, 2),
    Q5_0(32, 22, Dequantization::q5Zero, 0), Q5_1(32, 24, Dequantization::q5One, 0, 2),
    Q8_0(32, 34, Dequantization::q8Zero, 0), Q4_K(256, 144, Dequantization::q4K, 0, 2),
    Q5_K(256, 176, Dequantization::q5K, 0, 2), Q6_K(256, 210, Dequantization::q6K, 208);

    /** Decodes {@code count} blocks from the start of {@code blocks} into {@code values} from {@code to} on. */
    interface Decoder {
        void decode(byte[] blocks, int count, float[] values, int to);
    }

    /** How many blocks are decoded at a time, so that they stay in the first cache level. */
    private static final int AT_ONCE = 64;
    /** The bits of an f16's exponent, which are all set in NaN and infinities. */
    private static final int EXPONENT = 0x7C00;

    private final int blockSize;
    private final int blockBytes;
    private final Decoder decoder;
    /** Where the f16 scales of a block are, in bytes from its start: a first, and a last that may be the same. */
    private final int firstScale;
    private final int lastScale;

    QuantizedType(int blockSize, int blockBytes, Decoder decoder, int scale) {
        this(blockSize, blockBytes, decoder, scale, scale);
    }

    QuantizedType(int blockSize, int blockBytes, Decoder decoder, int firstScale, int lastScale) {
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.decoder = decoder;
        this.firstScale = firstScale;
        this.lastScale = lastScale;
    }

    /** Returns how many elements a block has. */
    public int blockSize() {
        return blockSize;
    }

    /** Returns how many bytes a block takes. */
    public int blockBytes() {
        return blockBytes;
    }

    /**
     * Returns the number of the first block with a scale that is NaN or infinite, or -1 if there is none. All elements
     * of such a block are NaN or infinite; those of others are finite, since f16 scales times their integers are.
     */
    long firstNonFinite(MemorySegment blocks) {
        long size = blocks.byteSize();
        for (long at = 0; at < size; at += blockBytes) {
            boolean finite = (blocks.get(Tensor.SHORT, at + firstScale) & EXPONENT) != EXPONENT
                    && (blocks.get(Tensor.SHORT, at + lastScale) & EXPONENT) != EXPONENT;
            if (!finite) return at / blockBytes;
        }
        return -1;
    }

    /** Decodes whole blocks into {@code values}; the results equal those of ggml's reference bit for bit. */
    void dequantize(MemorySegment blocks, float[] values) {
        int count = values.length / blockSize;
        byte[] some = new byte[Math.min(count, AT_ONCE) * blockBytes];
        for (int done = 0; done < count; done += AT_ONCE) {
            int now = Math.min(AT_ONCE, count - done);
            MemorySegment.copy(blocks, (long) done * blockBytes, MemorySegment.ofArray(some), 0,
                    (long) now * blockBytes);
            decoder.decode(some, now, values, done * blockSize);
        }
    }
}
