package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Objects;

/**
 * Right-hand side of products, packed by {@link MatrixKernels#pack}: weights once, for every inference.
 *
 * @param memory       off the heap, the panels
 * @param rows         K
 * @param columns      N
 * @param panelColumns columns of a panel, as the kernels that packed it have them
 */
public record PackedMatrix(MemorySegment memory, int rows, int columns, int panelColumns) {
    /** Alignment of a packed matrix in bytes: a cache line, and the longest vector. */
    public static final int ALIGNMENT = 64;

    /**
     * @throws IllegalArgumentException if the memory is on the heap, or too small
     */
    public PackedMatrix {
        if (!memory.isNative()) throw new IllegalArgumentException("matrix on the heap: " + memory);
        long bytes = (long) Float.BYTES * panelColumns * rows * Math.ceilDiv(columns, panelColumns);
        if (memory.byteSize() < bytes) {
            throw new IllegalArgumentException(memory.byteSize() + " bytes, packed " + rows + " x " + columns);
        }
    }

    /** Memory that is, or is to be, packed by these kernels; best aligned to {@value #ALIGNMENT} bytes. */
    public static PackedMatrix over(MatrixKernels kernels, MemorySegment memory, int rows, int columns) {
        return new PackedMatrix(memory, rows, columns, kernels.panelColumns());
    }

    /** Packs a matrix {@code [K, N]}, once, into new memory that the pool's threads may access. */
    public static PackedMatrix pack(MatrixKernels kernels, Matrix b, WorkerPool pool, SegmentAllocator memory) {
        MemorySegment panels = memory.allocate(kernels.packedBytes(b.rows(), b.columns()), ALIGNMENT);
        pool.forRanges(kernels.panels(b.columns()), 1,
                (slot, from, to) -> kernels.packAtStart(b, panels, from, to));
        return over(kernels, panels, b.rows(), b.columns());
    }

    /** Copies column j, one of [0, N), to {@code to} from {@code at} on: of packed weights the row that they had. */
    public void column(int j, float[] to, int at) {
        long from = (long) Float.BYTES * (Objects.checkIndex(j, columns) / panelColumns * (long) rows * panelColumns
                + j % panelColumns);
        for (int k = 0; k < rows; k++) to[at + k] = memory.get(Matrix.FLOAT, from + (long) Float.BYTES * panelColumns * k);
    }

    /** Packs a matrix of this shape into this object's memory, replacing what was there. */
    public void fill(MatrixKernels kernels, Matrix b, WorkerPool pool) {
        if (b.rows() != rows || b.columns() != columns || kernels.panelColumns() != panelColumns) {
            throw new IllegalArgumentException(b.rows() + " x " + b.columns() + " into " + this);
        }
        pool.forRanges(kernels.panels(columns), 1, (slot, from, to) -> kernels.pack(b, memory, from, to));
    }
}
