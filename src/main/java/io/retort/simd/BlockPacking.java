package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Lays the rows of a file out as {@link BlockLayout} says, a block after the other, in plain Java. One thread. */
final class BlockPacking {
    private final BlockLayout layout;
    private final MemorySegment file;
    private final int columns;
    private final byte[] row;
    private final int[] codes = new int[BlockLayout.LONGEST];
    private final int[] words;

    /**
     * A packing of rows of so many columns.
     *
     * @param file row after row
     */
    BlockPacking(BlockLayout layout, MemorySegment file, int columns) {
        this.layout = layout;
        this.file = file;
        this.columns = columns;
        this.row = new byte[Math.toIntExact(rowBytes(layout, columns))];
        this.words = new int[layout.planes()];
    }

    static long rowBytes(BlockLayout layout, int columns) {
        return layout.isHalf() ? 2L * columns : (long) columns / layout.columns() * layout.type().blockBytes();
    }

    /**
     * Packs a row.
     *
     * @param group the planes of a group, block after block
     * @param lane  the row's number in its group
     * @return whether the row's scales, or its halves of floats, are finite numbers
     */
    boolean pack(int number, int[] group, int lane) {
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, (long) number * row.length, row, 0, row.length);
        boolean finite = true;
        int blocks = Math.ceilDiv(columns, layout.columns());
        for (int b = 0, to = lane; b < blocks; b++) {
            finite &= layout.isHalf() ? halves(b) : block(row, b * layout.type().blockBytes());
            for (int p = 0; p < words.length; p++, to += BlockLayout.GROUP) group[to] = words[p];
        }
        return finite;
    }

    /** Packs the columns of block b, zeros where the row has ended. */
    private boolean halves(int b) {
        int exponent = layout == BlockLayout.F16 ? 0x7c00 : 0x7f80;
        boolean finite = true;
        for (int p = 0; p < words.length; p++) {
            int k = b * layout.columns() + 2 * p;
            int even = k < columns ? half(row, 2 * k) : 0, odd = k + 1 < columns ? half(row, 2 * k + 2) : 0;
            finite &= (even & exponent) != exponent && (odd & exponent) != exponent;
            words[p] = even | odd << 16;
        }
        return finite;
    }

    /** Packs the block at an offset of the row. */
    private boolean block(byte[] file, int at) {
        int high = layout.high(), scales = layout.scales();
        int d = switch (layout) {
            case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K -> at;
            case Q6_K -> at + 208;
            case F16, BF16 -> throw new IllegalStateException(layout + " has no blocks");
        };
        switch (layout) {
            case Q4_0 -> nibbles(file, at + 2);
            case Q4_1 -> nibbles(file, at + 4);
            case Q5_0 -> fifths(file, at + 2);
            case Q5_1 -> fifths(file, at + 4);
            case Q8_0 -> bytes(file, at + 2);
            case Q4_K -> parts(file, at + 16, -1);
            case Q5_K -> parts(file, at + 48, at + 16);
            default -> sixBits(file, at);
        }
        if (layout.codes() != BlockLayout.Codes.SIX) lowBits(0, layout.codes() == BlockLayout.Codes.EIGHT ? 4 : 0);
        switch (layout.codes()) {
            case EIGHT -> {
                for (int p = 0; p < high / 2; p++) words[p] ^= 0x88888888; // plus 8, in four bits
                lowBits(high / 2, 0);
            }
            case FIVE -> fifthBits(high);
            case SIX -> threePlanes();
            default -> {
            }
        }
        return scales(file, d, at, scales);
    }

    /** Packs bits {@code [shift, shift + 4)} of the codes into planes from {@code plane} on. */
    private void lowBits(int plane, int shift) {
        for (int p = 0; p < layout.columns() / 8; p++) {
            int word = 0;
            for (int i = 0; i < 4; i++) {
                int k = 8 * p + 2 * i;
                word |= (codes[k] >> shift & 15) << 4 * i | (codes[k + 1] >> shift & 15) << 4 * i + 16;
            }
            words[plane + p] = word;
        }
    }

    /** Packs the fifth bits of the codes, those of 32 columns into a plane. */
    private void fifthBits(int plane) {
        for (int p = 0; p < layout.columns() / 32; p++) {
            int word = 0;
            for (int i = 0; i < 16; i++) {
                int k = 32 * p + 2 * i;
                word |= codes[k] >> 4 << i | codes[k + 1] >> 4 << i + 16;
            }
            words[plane + p] = word;
        }
    }

    /** Packs codes of six bits, those of 16 columns into three planes. */
    private void threePlanes() {
        for (int k = 0, p = 0; k < layout.columns(); k += 16, p += 3) {
            int sixth = pair(k + 12), seventh = pair(k + 14);
            words[p] = pair(k) | pair(k + 2) << 6 | (sixth & 0x000f000f) << 12;
            words[p + 1] = pair(k + 4) | pair(k + 6) << 6 | (seventh & 0x000f000f) << 12;
            words[p + 2] = pair(k + 8) | pair(k + 10) << 6 | (sixth >> 4 & 0x00030003) << 12
                    | (seventh >> 4 & 0x00030003) << 14;
        }
    }

    /** The codes of two columns, in the halves of an integer. */
    private int pair(int column) {
        return codes[column] | codes[column + 1] << 16;
    }

    private void nibbles(byte[] file, int at) {
        for (int i = 0; i < 16; i++) {
            codes[i] = file[at + i] & 15;
            codes[16 + i] = file[at + i] >> 4 & 15;
        }
    }

    private void fifths(byte[] file, int at) {
        nibbles(file, at + 4);
        int bits = half(file, at) | half(file, at + 2) << 16;
        for (int i = 0; i < 32; i++) codes[i] |= (bits >>> i & 1) << 4;
    }

    private void bytes(byte[] file, int at) {
        for (int i = 0; i < 32; i++) codes[i] = file[at + i];
    }

    /** Eight parts of 32 codes; their fifth bits, if any, stand in bits of 32 bytes. */
    private void parts(byte[] file, int at, int fifths) {
        for (int part = 0; part < 8; part++) {
            for (int i = 0; i < 32; i++) {
                int fifth = fifths < 0 ? 0 : (file[fifths + i] >> part & 1) << 4;
                codes[32 * part + i] = file[at + part / 2 * 32 + i] >> part % 2 * 4 & 15 | fifth;
            }
        }
    }

    private void sixBits(byte[] file, int at) {
        for (int part = 0; part < 8; part++) {
            int low = at + part / 4 * 64 + part % 2 * 32, high = at + 128 + part / 4 * 32;
            for (int i = 0; i < 32; i++) {
                codes[32 * part + i] = file[low + i] >> part % 4 / 2 * 4 & 15
                        | (file[high + i] >> part % 4 * 2 & 3) << 4;
            }
        }
    }

    /** Packs the scales of the block at {@code at}, whose first half float stands at {@code d}. */
    private boolean scales(byte[] file, int d, int at, int plane) {
        float scale = Float.float16ToFloat((short) half(file, d)), second = 0;
        words[plane] = Float.floatToRawIntBits(scale);
        switch (layout.scaling()) {
            case TWO -> {
                second = Float.float16ToFloat((short) half(file, d + 2));
                words[plane] = half(file, d) | half(file, d + 2) << 16;
            }
            case EIGHT_PAIRS -> {
                second = Float.float16ToFloat((short) half(file, d + 2));
                words[plane + 1] = Float.floatToRawIntBits(second);
                for (int part = 0; part < 8; part += 2) {
                    words[plane + 2 + part / 2] = pair(file, at + 4, part) | pair(file, at + 4, part + 1) << 16;
                }
            }
            case SIXTEEN -> {
                for (int p = 0; p < 4; p++) {
                    int s = at + 192 + 4 * p;
                    words[plane + 1 + p] = half(file, s) | half(file, s + 2) << 16;
                }
            }
            default -> {
            }
        }
        return Float.isFinite(scale) && Float.isFinite(second);
    }

    /** The 6-bit scale of a part in bits 0 to 7, its 6-bit min in bits 8 to 15. */
    private static int pair(byte[] file, int at, int part) {
        if (part < 4) return file[at + part] & 63 | (file[at + part + 4] & 63) << 8;
        int low = file[at + part + 4];
        return low & 15 | file[at + part - 4] >> 2 & 48 | (low >> 4 & 15 | file[at + part] >> 2 & 48) << 8;
    }

    /** The 16 bits at an offset. */
    private static int half(byte[] file, int at) {
        return file[at] & 255 | (file[at + 1] & 255) << 8;
    }
}
