package io.retort.simd;

import io.retort.tensor.ElementType;
import io.retort.tensor.QuantizedTensor;
import io.retort.tensor.QuantizedType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A matrix of weights {@code [N, K]}, N outputs by K inputs, kept in as many bits as its file keeps it: quantised blocks,
 * or halves of floats. They are laid out anew on load ({@link BlockLayout}), in at most 1.13 times the file's bytes, so
 * that {@link Gemm#multiply(Matrix, BlockMatrix, Matrix, Epilogue)} multiplies from there. Immutable; any thread may use
 * it.
 */
public final class BlockMatrix {
    /** Rows come in multiples of this, filled up with zeros: two vectors of 512 bits. */
    static final int ROWS = 2 * BlockLayout.GROUP;
    /** Groups that a thread lays out at a time. */
    private static final int GRAIN = 4;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final BlockLayout layout;
    private final int rows;
    private final int columns;
    private final MemorySegment memory;
    private final boolean finite;
    private final int blocks;
    private final int codeWords;
    private final int rowWords;

    private BlockMatrix(BlockLayout layout, int rows, int columns, MemorySegment memory, boolean finite) {
        this.layout = layout;
        this.rows = rows;
        this.columns = columns;
        this.memory = memory;
        this.finite = finite;
        this.blocks = Math.ceilDiv(columns, layout.columns());
        this.codeWords = BlockKernels.codeWords(layout, columns);
        this.rowWords = BlockKernels.rowWords(layout, columns);
    }

    /**
     * Lays quantised weights out; the pool's threads do it, a few rows at a time.
     *
     * @param weights {@code [N, K]}
     * @param memory  gives memory off the heap that the pool's threads may access; asked once
     * @throws IllegalArgumentException if the weights are no matrix
     */
    public static BlockMatrix of(QuantizedTensor weights, WorkerPool pool, SegmentAllocator memory) {
        return laidOut(BlockLayout.of(weights.type()), weights.shape(), weights.blocks(), pool, memory);
    }

    /**
     * Lays weights of 16 bits out.
     *
     * @param half F16 or BF16, {@code [N, K]}
     * @throws IllegalArgumentException if the tensor is no matrix, or of another type
     */
    public static BlockMatrix of(Tensor half, WorkerPool pool, SegmentAllocator memory) {
        return laidOut(BlockLayout.of(half.type()), half.shape(), half.data(), pool, memory);
    }

    private static BlockMatrix laidOut(BlockLayout layout, Shape shape, MemorySegment file, WorkerPool pool,
            SegmentAllocator memory) {
        if (shape.rank() != 2) throw new IllegalArgumentException(shape + " is no matrix");
        int rows = shape.dim(0), columns = shape.dim(1), blocks = Math.ceilDiv(columns, layout.columns());
        long bytes = bytes(layout, rows, columns), groupBytes = blocks * layout.bytes();
        MemorySegment to = memory.allocate(bytes, PackedMatrix.ALIGNMENT);
        AtomicBoolean finite = new AtomicBoolean(true);
        pool.forRanges((int) (bytes / Math.max(1, groupBytes)), GRAIN, (slot, from, end) -> {
            BlockPacking packing = new BlockPacking(layout, file, columns);
            int[] words = new int[Math.toIntExact(groupBytes / Integer.BYTES)];
            for (int group = from; group < end; group++) {
                int first = group * BlockLayout.GROUP, here = Math.clamp(rows - first, 0, BlockLayout.GROUP);
                if (here < BlockLayout.GROUP) Arrays.fill(words, 0);
                for (int r = 0; r < here; r++) if (!packing.pack(first + r, words, r)) finite.set(false);
                MemorySegment.copy(words, 0, to, INT, group * groupBytes, words.length);
            }
        });
        return new BlockMatrix(layout, rows, columns, to, finite.get());
    }

    /** Bytes that quantised weights take here. */
    public static long bytes(QuantizedType type, int rows, int columns) {
        return bytes(BlockLayout.of(type), rows, columns);
    }

    /** Bytes that weights of 16 bits, F16 or BF16, take here. */
    public static long bytes(ElementType half, int rows, int columns) {
        return bytes(BlockLayout.of(half), rows, columns);
    }

    private static long bytes(BlockLayout layout, int rows, int columns) {
        return (long) Math.ceilDiv(rows, ROWS) * (ROWS / BlockLayout.GROUP) * Math.ceilDiv(columns, layout.columns())
                * layout.bytes();
    }

    /** N, the outputs. */
    public int rows() {
        return rows;
    }

    /** K, the inputs. */
    public int columns() {
        return columns;
    }

    /** Bytes off the heap. */
    public long bytes() {
        return memory.byteSize();
    }

    /** Whether all weights are finite numbers; where not, products are not defined, though nothing else goes wrong. */
    public boolean isFinite() {
        return finite;
    }

    /** Decodes a row, to the bits that the file's format defines, into {@code to[at .. at + columns())}. */
    public void row(int row, float[] to, int at) {
        Objects.checkIndex(row, rows);
        Objects.checkFromIndexSize(at, columns, to.length);
        int[] words = new int[layout.planes()];
        float[] block = new float[layout.columns()];
        for (int b = 0, k = 0; k < columns; b++, k += block.length) {
            words(row, b, words);
            layout.decode(words, block, 0);
            System.arraycopy(block, 0, to, at + k, Math.min(block.length, columns - k));
        }
    }

    BlockLayout layout() {
        return layout;
    }

    MemorySegment memory() {
        return memory;
    }

    /** Blocks of a row. */
    int blocks() {
        return blocks;
    }

    /** Integers of the codes of a row that this is multiplied with: {@link BlockKernels#codeWords}. */
    int codeWords() {
        return codeWords;
    }

    /** Integers of a row that this is multiplied with: {@link BlockKernels#rowWords}. */
    int rowWords() {
        return rowWords;
    }

    /** Byte offset of a group's block. */
    long offset(int group, int block) {
        return ((long) group * blocks + block) * layout.bytes();
    }

    /** Copies the integers of a row's block. */
    void words(int row, int block, int[] words) {
        long at = offset(row / BlockLayout.GROUP, block) + row % BlockLayout.GROUP * Integer.BYTES;
        for (int p = 0; p < words.length; p++) words[p] = memory.get(INT, at + (long) p * BlockLayout.PLANE);
    }
}
