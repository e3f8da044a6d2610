package io.retort.tensor;

/**
 * Decodes blocks of quantised elements to floats, by the layouts that {@link QuantizedType} describes. Products and
 * sums are rounded one after the other in the order written, as ggml's reference does: fused or reordered they would
 * differ in the last bit.
 */
final class Dequantization {
    private static final int NIBBLE = 0x0F;
    private static final int HALF_BLOCK = 16;

    private Dequantization() {}

    private static float half(byte[] bytes, int at) {
        return Float.float16ToFloat((short) (bytes[at] & 0xFF | bytes[at + 1] << 8));
    }

    private static int bits(byte[] bytes, int at) {
        return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF) << 16 | bytes[at + 3] << 24;
    }

    static void q4Zero(byte[] blocks, int count, float[] values, int to) {
        for (int block = 0; block < count; block++) {
            int at = block * QuantizedType.Q4_0.blockBytes();
            int first = to + 2 * HALF_BLOCK * block;
            float d = half(blocks, at);
            for (int i = 0; i < HALF_BLOCK; i++) {
                int pair = blocks[at + 2 + i];
                values[first + i] = d * ((pair & NIBBLE) - 8);
                values[first + HALF_BLOCK + i] = d * ((pair >> 4 & NIBBLE) - 8);
            }
        }
    }

    static void q4One(byte[] blocks, int count, float[] values, int to) {
        for (int block = 0; block < count; block++) {
            int at = block * QuantizedType.Q4_1.blockBytes();
            int first = to + 2 * HALF_BLOCK * block;
            float d = half(blocks, at);
            float m = half(blocks, at + 2);
            for (int i = 0; i < HALF_BLOCK; i++) {
                int pair = blocks[at + 4 + i];
                values[first + i] = d * (pair & NIBBLE) + m;
                values[first + HALF_BLOCK + i] = d * (pair >> 4 & NIBBLE) + m;
            }
        }
    }

    static void q5Zero(byte[] blocks, int count, float[] values, int to) {
        for (int block = 0; block < count; block++) {
            int at = block * QuantizedType.Q5_0.blockBytes();
            int first = to + 2 * HALF_BLOCK * block;
            float d = half(blocks, at);
            int fifth = bits(blocks, at + 2);
            for (int i = 0; i < HALF_BLOCK; i++) {
                int pair = blocks[at + 6 + i];
                int low = pair & NIBBLE | (fifth >> i & 1) << 4;
                int high = pair >> 4 & NIBBLE | (fifth >> i + HALF_BLOCK & 1) << 4;
                values[first + i] = d * (low - 16);
                values[first + HALF_BLOCK + i] = d * (high - 16);
            }
        }
    }

    static void q5One(byte[] blocks, int count, float[] values, int to) {
        for (int block = 0; block < count; block++) {
            int at = block * QuantizedType.Q5_1.blockBytes();
            int first = to + 2 * HALF_BLOCK * block;
            float d = half(blocks, at);
            float m = half(blocks, at + 2);
            int fifth = bits(blocks, at + 4);
            for (int i = 0; i < HALF_BLOCK; i++) {
                int pair = blocks[at + 8 + i];
                int low = pair & NIBBLE | (fifth >> i & 1) << 4;
                int high = pair >> 4 & NIBBLE | (fifth >> i + HALF_BLOCK & 1) << 4;
                values[first + i] = d * low + m;
                values[first + HALF_BLOCK + i] = d * high + m;
            }
        }
    }

    static void q8Zero(byte[] blocks, int count, float[] values, int to) {
        for (int block = 0; block < count; block++) {
            int at = block * QuantizedType.Q8_0.blockBytes();
            int first = to + 2 * HALF_BLOCK * block;
            float d = half(blocks, at);
            for (int i = 0; i < 2 * HALF_BLOCK; i++) values[first + i] = blocks[at + 2 + i] * d;
        }
    }

    static void q4K(byte[] blocks, int count, float[] values, int to) {
        for (int block = 0; block < count; block++) {
            int at = block * QuantizedType.Q4_K.blockBytes();
            int first = to + QuantizedType.Q4_K.blockSize() * block;
            float d = half(blocks, at);
            float dmin = half(blocks, at + 2);
            for (int part = 0; part < 8; part++) {
                float scale = d * scale(blocks, at + 4, part);
                float min = dmin * min(blocks, at + 4, part);
                int quants = at + 16 + part / 2 * 32;
                int shift = part % 2 * 4;
                for (int i = 0; i < 32; i++) {
                    values[first + part * 32 + i] = scale * (blocks[quants + i] >> shift & NIBBLE) - min;
                }
            }
        }
    }

    static void q5K(byte[] blocks, int count, float[] values, int to) {
        for (int block = 0; block < count; block++) {
            int at = block * QuantizedType.Q5_K.blockBytes();
            int first = to + QuantizedType.Q5_K.blockSize() * block;
            float d = half(blocks, at);
            float dmin = half(blocks, at + 2);
            int fifths = at + 16;
            for (int part = 0; part < 8; part++) {
                float scale = d * scale(blocks, at + 4, part);
                float min = dmin * min(blocks, at + 4, part);
                int quants = at + 48 + part / 2 * 32;
                int shift = part % 2 * 4;
                for (int i = 0; i < 32; i++) {
                    int q = blocks[quants + i] >> shift & NIBBLE | (blocks[fifths + i] >> part & 1) << 4;
                    values[first + part * 32 + i] = scale * q - min;
                }
            }
        }
    }

    /**
     * Returns the 6-bit scale of one of a block's eight parts; parts 4 to 7 keep its upper two bits in the bytes of
     * parts 0 to 3.
     */
    private static int scale(byte[] blocks, int at, int part) {
        return part < 4 ? blocks[at + part] & 0x3F : blocks[at + part + 4] & NIBBLE | blocks[at + part - 4] >> 2 & 0x30;
    }

    private static int min(byte[] blocks, int at, int part) {
        return part < 4
                ? blocks[at + part + 4] & 0x3F
                : blocks[at + part + 4] >> 4 & NIBBLE | blocks[at + part] >> 2 & 0x30;
    }

    static void q6K(byte[] blocks, int count, float[] values, int to) {
        for (int block = 0; block < count; block++) {
            int at = block * QuantizedType.Q6_K.blockBytes();
            int first = to + QuantizedType.Q6_K.blockSize() * block;
            float d = half(blocks, at + 208);
            for (int part = 0; part < 8; part++) {
                int low = at + part / 4 * 64 + part % 2 * 32;
                int lowShift = part % 4 / 2 * 4;
                int high = at + 128 + part / 4 * 32;
                int highShift = part % 4 * 2;
                for (int i = 0; i < 32; i++) {
                    int q = blocks[low + i] >> lowShift & NIBBLE | (blocks[high + i] >> highShift & 3) << 4;
                    float scale = d * blocks[at + 192 + part * 2 + i / 16];
                    values[first + part * 32 + i] = scale * (q - 32);
                }
            }
        }
    }
}
