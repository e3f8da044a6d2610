package io.retort.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * A copy of {@link Rows} in a quarter of the bytes of float32, which bounds every score from above: {@link Kernels#screen} finds
 * the rows that may reach a threshold, and the others need not be read.
 *
 * <p><b>The bound.</b> Let a row be {@code x = s p + e} and the query {@code y = t r + g}, with codes p and r
 * ({@link Int8Vector}), and {@code D = p . r}, which is computed exactly. Then
 *
 * <pre>
 *   x . y = s t D + s p . g + e . y
 *        &lt;= s t D + (|x| + |e|) |g| + |e| |y|
 * </pre>
 *
 * <p>by Cauchy and Schwarz. The score is above {@code x . y} by at most {@code gamma_n |x| |y| + 2^-134}
 * ({@link Kernels}: its sum of |x_i y_i| is at most |x| |y|, dims are at most 2^16). Rounding {@code s t} to a float
 * loses at most {@code u |s t D| <= u (|x| + |e|) (|y| + |g|)} and, where it underflows,
 * {@code 2^-150 |D| <= 2^-126}. Together, with {@code u = 2^-24},
 *
 * <pre>
 *   score &lt;= fl(s t) D + |e| perError + |x| perNorm + 2^-125
 *   perError = (|y| + |g|) (1 + u)      perNorm = |g| (1 + u) + |y| (gamma_n + u)
 * </pre>
 *
 * <p>Kernels compute it as {@code fma(D, s * t, fma(|e|, perError, fma(|x|, perNorm, 2^-124)))}. The inner two fma lose
 * less than 2^-22 of their value, which the lengths have in hand ({@link Int8Vector}); they are normal numbers. The
 * outer one rounds once, to nearest, and rounding is monotone: where the score, a float, reaches a threshold, the bound
 * before rounding does, and so after it. With lengths of at most 1e18 nothing overflows; D, at most 2^24, is a float.
 *
 * <p>Where the rows lie: in blocks of {@value #BLOCK}; of a block first the codes of dims 0 and 1 of all its rows, row
 * by row, then those of dims 2 and 3, and so on: a vector of 16-bit sums holds rows side by side and is never folded.
 * Immutable; any thread may read.
 */
public final class Int8Rows {
    /** Rows of a block; the last one may have fewer. */
    public static final int BLOCK = 32;
    /** Bytes of two dims of a block. */
    static final int PAIR_BYTES = 2 * BLOCK;
    /** More dims than the bound is proved for. */
    private static final int MOST_DIMS = 1 << 16;
    /** Blocks that a thread quantises at a time. */
    private static final int GRAIN = 64;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    final MemorySegment codes;
    final float[] scales;
    /** At least the length of what the codes leave of a row; NaN where the last block has no row. */
    final float[] errors;
    /** At least the length of the row. */
    final float[] norms;
    private final int count;
    private final int dims;

    private Int8Rows(int count, int dims, MemorySegment codes) {
        this.count = count;
        this.dims = dims;
        this.codes = codes;
        int padded = blocks(count) * BLOCK;
        this.scales = new float[padded];
        this.errors = new float[padded];
        this.norms = new float[padded];
        Arrays.fill(errors, count, padded, Float.NaN);
    }

    /**
     * Quantises rows of finite values, none longer than 2e18; the pool's threads do it. The memory, off the heap, is
     * freed when the copy is no longer used.
     *
     * @throws IllegalArgumentException if there are more than 65536 dims
     */
    public static Int8Rows of(Rows rows, WorkerPool pool) {
        return of(rows, rows.dims(), x -> x, pool);
    }

    /**
     * Quantises what a function makes of each row: finite values, no longer than {@code 2e18}.
     *
     * @param dims number of dims of what is made
     * @param made any thread may call it; may hand back what it was given, which is written again afterwards
     */
    public static Int8Rows of(Rows rows, int dims, UnaryOperator<float[]> made, WorkerPool pool) {
        return of(rows, dims, made, pool, Arena.ofAuto());
    }

    /**
     * Quantises what is made of each row into memory that lives as long as an arena, one whose memory any thread may
     * use.
     */
    public static Int8Rows of(Rows rows, int dims, UnaryOperator<float[]> made, WorkerPool pool, Arena arena) {
        if (dims > MOST_DIMS) throw new IllegalArgumentException("rows of " + dims + " dims");
        long bytes = blocks(rows.count()) * blockBytes(dims);
        Int8Rows copy = new Int8Rows(rows.count(), dims, HugePages.allocate(bytes, arena));
        pool.forRanges(blocks(rows.count()), GRAIN, (slot, from, to) -> {
            short[] scratch = new short[copy.pairs() * BLOCK];
            for (int block = from; block < to; block++) copy.fill(rows, made, block, scratch);
        });
        return copy;
    }

    private void fill(Rows rows, UnaryOperator<float[]> made, int block, short[] scratch) {
        int first = block * BLOCK, here = Math.min(BLOCK, count - first);
        float[] x = new float[rows.dims()];
        Arrays.fill(scratch, (short) 0);
        for (int r = 0; r < here; r++) {
            rows.read(first + r, x);
            Int8Vector vector = Int8Vector.of(made.apply(x));
            scales[first + r] = vector.scale();
            errors[first + r] = vector.error();
            norms[first + r] = vector.norm();
            byte[] row = vector.codes();
            for (int k = 0; k < row.length / 2; k++) {
                scratch[k * BLOCK + r] = (short) (row[2 * k] & 0xff | row[2 * k + 1] << 8);
            }
        }
        MemorySegment.copy(scratch, 0, codes, SHORT, offset(block), scratch.length);
    }

    /** Number of rows. */
    public int count() {
        return count;
    }

    /** Number of dims of a row. */
    public int dims() {
        return dims;
    }

    /** Bytes off the heap that the codes take. */
    public long bytes() {
        return codes.byteSize();
    }

    /** Number of pairs of dims; the last one is padded with a zero where dims are odd. */
    int pairs() {
        return pairs(dims);
    }

    /** Byte offset of a block's codes. */
    long offset(int block) {
        return block * blockBytes(dims);
    }

    private static int pairs(int dims) {
        return (dims + 1) / 2;
    }

    private static int blocks(int count) {
        return (int) (((long) count + BLOCK - 1) / BLOCK);
    }

    private static long blockBytes(int dims) {
        return (long) pairs(dims) * PAIR_BYTES;
    }
}
