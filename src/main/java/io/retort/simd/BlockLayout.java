package io.retort.simd;

import io.retort.tensor.ElementType;
import io.retort.tensor.QuantizedType;

/**
 * How a {@link BlockMatrix} keeps each type of weights. Rows are taken {@value #GROUP} at a time, columns by blocks; a
 * group's block is a sequence of <em>planes</em>, each one 32-bit integer of each of the {@value #GROUP} rows: a vector
 * of integers holds rows side by side and is never folded. The planes of a block are, in this order:
 * <ul>
 * <li>{@link Codes#SIX}: three for each 16 columns. Halves of the first hold, from the lowest bits on, the codes of pairs
 * of columns 0 and 1 and the lower four bits of pair 6; of the second those of 2 and 3 and the lower four bits of 7; of
 * the third those of 4 and 5 and the upper two bits of 6 and of 7
 * <li>else one for each 8 columns, with four bits of each code: bits 4i of its lower half are column 2i, those of its upper
 * half column 2i + 1; of 8-bit codes first the upper four bits plus 8, then the lower four
 * <li>{@link Codes#FIVE}: one for each 32 columns; bits i of its halves are the fifth of columns 2i and 2i + 1
 * <li>those with the scales ({@link Scaling})
 * </ul>
 *
 * <p>Halves of floats are kept as they are, a plane for each two columns.
 *
 * <p>A <em>chunk</em> is the columns of one scale: the products of one lane, half of a chunk's, add up to less than
 * 2^15 with activations of at most 127, whatever the codes are.
 */
enum BlockLayout {
    Q4_0(QuantizedType.Q4_0, Codes.FOUR, Scaling.ONE, 8, 32), Q4_1(QuantizedType.Q4_1, Codes.FOUR, Scaling.TWO, 0, 32),
    Q5_0(QuantizedType.Q5_0, Codes.FIVE, Scaling.ONE, 16, 32), Q5_1(QuantizedType.Q5_1, Codes.FIVE, Scaling.TWO, 0, 32),
    Q8_0(QuantizedType.Q8_0, Codes.EIGHT, Scaling.ONE, 0, 32),
    Q4_K(QuantizedType.Q4_K, Codes.FOUR, Scaling.EIGHT_PAIRS, 0, 32),
    Q5_K(QuantizedType.Q5_K, Codes.FIVE, Scaling.EIGHT_PAIRS, 0, 32),
    Q6_K(QuantizedType.Q6_K, Codes.SIX, Scaling.SIXTEEN, 32, 16), F16(), BF16();

    /** Rows whose integers lie side by side. */
    static final int GROUP = 16;
    /** Bytes of a plane: a cache line. */
    static final int PLANE = Integer.BYTES * GROUP;
    /** Columns of the longest block. */
    static final int LONGEST = 256;

    /** How the bits of a code are spread over planes. */
    enum Codes {
        FOUR, FIVE, SIX, EIGHT, HALF
    }

    /** What scales the codes q of a block to weights x, and the planes that hold it. */
    enum Scaling {
        /** {@code x = d (q - zero)}: a plane of floats d. */
        ONE(1),
        /** {@code x = d q + m}: a plane of f16 d in the lower halves, m in the upper ones. */
        TWO(1),
        /**
         * {@code x = (d s) q - e m}: planes of floats d and e, then for each 64 columns one with the bytes s, m of the
         * first 32 and s, m of the others.
         */
        EIGHT_PAIRS(6),
        /** {@code x = (d s) (q - zero)}: a plane of floats d, then for each 64 columns one with four signed bytes s. */
        SIXTEEN(5), NONE(0);

        private final int planes;

        Scaling(int planes) {
            this.planes = planes;
        }

        /** Whether weights have a summand that the code does not scale. */
        boolean hasMin() {
            return this == TWO || this == EIGHT_PAIRS;
        }
    }

    private final QuantizedType type;
    private final Codes codes;
    private final Scaling scaling;
    private final int zero;
    private final int chunk;
    private final int columns;
    private final int high;
    private final int scales;
    private final int blockTerms;

    BlockLayout(QuantizedType type, Codes codes, Scaling scaling, int zero, int chunk) {
        this.type = type;
        this.codes = codes;
        this.scaling = scaling;
        this.zero = zero;
        this.chunk = chunk;
        this.columns = type.blockSize();
        this.high = codes == Codes.SIX ? columns / 16 * 3 : columns / 8 * (codes == Codes.EIGHT ? 2 : 1);
        this.scales = high + (codes == Codes.FIVE ? columns / 32 : 0);
        this.blockTerms = columns / chunk * terms();
    }

    BlockLayout() {
        this.type = null;
        this.codes = Codes.HALF;
        this.scaling = Scaling.NONE;
        this.zero = 0;
        this.chunk = 32;
        this.columns = 32;
        this.high = columns / 2;
        this.scales = high;
        this.blockTerms = 1;
    }

    /** The layout of a type of blocks. */
    static BlockLayout of(QuantizedType type) {
        for (BlockLayout layout : values()) if (layout.type == type) return layout;
        throw new IllegalArgumentException("no layout for " + type);
    }

    /** The layout of a type of half the bits of a float. */
    static BlockLayout of(ElementType half) {
        return switch (half) {
            case F16 -> F16;
            case BF16 -> BF16;
            default -> throw new IllegalArgumentException(half + " is neither F16 nor BF16");
        };
    }

    QuantizedType type() {
        return type;
    }

    Codes codes() {
        return codes;
    }

    Scaling scaling() {
        return scaling;
    }

    /** Whether the weights are floats, which are multiplied with floats. */
    boolean isHalf() {
        return codes == Codes.HALF;
    }

    /** Columns of a block. */
    int columns() {
        return columns;
    }

    /** Columns of a chunk. */
    int chunk() {
        return chunk;
    }

    /** The code of the weight 0 where a block has no summand. */
    int zero() {
        return zero;
    }

    /** The first plane of upper bits. */
    int high() {
        return high;
    }

    /** The first plane of scales. */
    int scales() {
        return scales;
    }

    /** Planes of a block. */
    int planes() {
        return scales + scaling.planes;
    }

    /** Bytes of a group's block. */
    long bytes() {
        return (long) PLANE * planes();
    }

    /** The code of a column of a block, given the integers of its row; for halves of floats their 16 bits. */
    int code(int[] words, int column) {
        int half = (column & 1) << 4;
        if (isHalf()) return words[column / 2] >>> half & 0xffff;
        if (codes == Codes.SIX) return sixBits(words, column / 16 * 3, half, column % 16 / 2);
        int four = words[column / 8] >>> half + column % 8 / 2 * 4 & 15;
        return switch (codes) {
            case FIVE -> four | (words[high + column / 32] >>> half + column % 32 / 2 & 1) << 4;
            case EIGHT -> four - 8 << 4 | words[columns / 8 + column / 8] >>> half + column % 8 / 2 * 4 & 15;
            default -> four;
        };
    }

    private static int sixBits(int[] words, int plane, int half, int pair) {
        if (pair < 6) return words[plane + pair / 2] >>> half + pair % 2 * 6 & 63;
        return words[plane + pair - 6] >>> half + 12 & 15 | (words[plane + 2] >>> half + 2 * pair & 3) << 4;
    }

    /** What a chunk's codes are multiplied by. */
    float scale(int[] words, int chunk) {
        return switch (scaling) {
            case ONE -> Float.intBitsToFloat(words[scales]);
            case TWO -> Float.float16ToFloat((short) words[scales]);
            case EIGHT_PAIRS -> Float.intBitsToFloat(words[scales])
                    * (words[scales + 2 + chunk / 2] >>> chunk % 2 * 16 & 255);
            case SIXTEEN -> Float.intBitsToFloat(words[scales])
                    * (byte) (words[scales + 1 + chunk / 4] >>> chunk % 4 * 8);
            case NONE -> 1;
        };
    }

    /** What is added to a chunk's scaled codes, if {@link Scaling#hasMin()}. */
    float min(int[] words, int chunk) {
        return switch (scaling) {
            case TWO -> Float.float16ToFloat((short) (words[scales] >>> 16));
            case EIGHT_PAIRS -> -(Float.intBitsToFloat(words[scales + 1])
                    * (words[scales + 2 + chunk / 2] >>> chunk % 2 * 16 + 8 & 255));
            default -> 0;
        };
    }

    /** Decodes the weights of a row's block, to the bits that the file's format defines. */
    void decode(int[] words, float[] to, int at) {
        for (int c = 0; c < columns / chunk; c++) {
            float scale = scale(words, c), min = min(words, c);
            for (int k = c * chunk; k < (c + 1) * chunk; k++) {
                int code = code(words, k);
                to[at + k] = switch (this) {
                    case F16 -> Float.float16ToFloat((short) code);
                    case BF16 -> Float.intBitsToFloat(code << 16);
                    default -> scaling.hasMin() ? scale * code + min : scale * (code - zero);
                };
            }
        }
    }

    /** Terms of a block. */
    int blockTerms() {
        return blockTerms;
    }

    /** How many sums of products a chunk has: two for codes of eight bits, of their upper and of their lower halves. */
    int terms() {
        return codes == Codes.EIGHT ? 2 : 1;
    }

    /** Integers of a chunk's coefficients for {@link LongBlockRow}; 0 where rows are multiplied without them. */
    int coefficients() {
        return this == Q4_K ? chunk / 2 : this == Q6_K ? 10 : 0;
    }

    /** What is taken from a term's bits to get a factor of products: it keeps sums in 16 bits. */
    int zero(int term) {
        return switch (codes) {
            case FOUR -> zero;
            case EIGHT -> term == 0 ? 8 : 0;
            case FIVE -> 16;
            default -> 32;
        };
    }

    /** The factor of products that a term has of a code. */
    int factor(int code, int term) {
        if (codes == Codes.EIGHT) return term == 0 ? code >> 4 : code & 15;
        return code - zero(term);
    }

    /** What a term's sum of products is multiplied by. */
    float factorScale(int[] words, int chunk, int term) {
        float scale = scale(words, chunk);
        return codes == Codes.EIGHT && term == 0 ? 16 * scale : scale;
    }

    /** What the sum of a chunk's activations is multiplied by, if {@link Scaling#hasMin()}. */
    float factorMin(int[] words, int chunk) {
        float min = min(words, chunk);
        return codes == Codes.FIVE ? min + 16 * scale(words, chunk) : min;
    }
}
