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
    Q4_0(32, 18, Dequantization::q4Zero), Q4_1(32, 20, Dequantization::q4One), Q5_0(32, 22, Dequantization::q5Zero),
    Q5_1(32, 24, Dequantization::q5One), Q8_0(32, 34, Dequantization::q8Zero), Q4_K(256, 144, Dequantization::q4K),
    Q5_K(256, 176, Dequantization::q5K), Q6_K(256, 210, Dequantization::q6K);

    /** Decodes {@code count} blocks from the start of {@code blocks} into {@code values} from {@code to} on. */
    interface Decoder {
        void decode(byte[] blocks, int count, float[] values, int to);
    }

    /** How many blocks are decoded at a time, so that they stay in the first cache level. */
    private static final int AT_ONCE = 64;

    private final int blockSize;
    private final int blockBytes;
    private final Decoder decoder;

    QuantizedType(int blockSize, int blockBytes, Decoder decoder) {
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.decoder = decoder;
    }

    /** Returns how many elements a block has. */
    public int blockSize() {
        return blockSize;
    }

    /** Returns how many bytes a block takes. */
    public int blockBytes() {
        return blockBytes;
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
