package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Products in loops over arrays, for the first answers of a process. The JVM compiles them after some milliseconds, when
 * vector code still runs many times slower than it will; later they are slower than {@link VectorMatrixKernels}, to
 * whose bits they compute (but for activations), over the same packed matrices.
 */
final class PlainMatrixKernels implements MatrixKernels {
    /** Columns whose sums are made at once. */
    private static final int TOGETHER = 8;

    private final int width;

    /**
     * @param width columns of a panel, as the kernels have it whose packed matrices are read: a multiple of {@value
     *     #TOGETHER}
     */
    PlainMatrixKernels(int width) {
        if (width < 1 || width % TOGETHER != 0) throw new IllegalArgumentException("panels of " + width);
        this.width = width;
    }

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public int tileRows() {
        return 1;
    }

    @Override
    public int panelColumns() {
        return width;
    }

    @Override
    public void pack(Matrix b, MemorySegment to, int fromPanel, int toPanel) {
        Shapes.checkPack(this, b, to, fromPanel, toPanel);
        for (int p = fromPanel; p < toPanel; p++) {
            int column = p * width;
            PlainPanels.pack(b.columns(column, Math.min(b.columns(), column + width)), width, to,
                    panelOffset(b.rows(), p));
        }
    }

    private long panelOffset(int depth, int panel) {
        return (long) Float.BYTES * width * depth * panel;
    }

    @Override
    public void multiply(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch) {
        Shapes.checkMultiply(this, a, b, c, epilogue, block);
        int rows = block.toRow() - block.fromRow(), depth = b.rows();
        float[] left = elements(a, block.fromRow(), rows);
        float[] panel = new float[width * Math.min(SPAN, depth)], sums = new float[rows * width];
        float[] span = depth > SPAN ? new float[width] : null;
        for (int p = block.fromPanel(); p < block.toPanel(); p++) {
            Arrays.fill(sums, 0);
            for (int k = 0; k < depth; k += SPAN) {
                int count = Math.min(SPAN, depth - k);
                long from = panelOffset(depth, p) + (long) Float.BYTES * width * k;
                MemorySegment.copy(b.memory(), Matrix.FLOAT, from, panel, 0, width * count);
                for (int i = 0; i < rows; i++) {
                    if (k == 0) addProducts(left, i * depth, panel, count, width, sums, i * width);
                    else addSpan(left, i * depth + k, panel, count, span, sums, i * width);
                }
            }
            finish(sums, c, epilogue, block.fromRow(), rows, p * width);
        }
    }

    @Override
    public BlockKernels blocks() {
        return new ScalarBlockKernels();
    }

    private static float[] elements(Matrix a, int fromRow, int rows) {
        int columns = a.columns();
        float[] elements = new float[rows * columns], row = new float[columns];
        for (int i = 0; i < rows; i++) {
            read(a, fromRow + i, 0, row);
            System.arraycopy(row, 0, elements, i * columns, columns);
        }
        return elements;
    }

    /**
     * Adds to the sums of a row its products with some rows of a panel, {@value #TOGETHER} columns at a time, whose sums
     * even the JVM's quick compiler keeps in registers.
     */
    private static void addProducts(float[] left, int at, float[] panel, int count, int width, float[] sums, int to) {
        for (int j = 0; j < width; j += TOGETHER) {
            float s0 = sums[to + j], s1 = sums[to + j + 1], s2 = sums[to + j + 2], s3 = sums[to + j + 3];
            float s4 = sums[to + j + 4], s5 = sums[to + j + 5], s6 = sums[to + j + 6], s7 = sums[to + j + 7];
            for (int k = 0, from = j; k < count; k++, from += width) {
                float x = left[at + k];
                s0 = Math.fma(x, panel[from], s0);
                s1 = Math.fma(x, panel[from + 1], s1);
                s2 = Math.fma(x, panel[from + 2], s2);
                s3 = Math.fma(x, panel[from + 3], s3);
                s4 = Math.fma(x, panel[from + 4], s4);
                s5 = Math.fma(x, panel[from + 5], s5);
                s6 = Math.fma(x, panel[from + 6], s6);
                s7 = Math.fma(x, panel[from + 7], s7);
            }
            sums[to + j] = s0;
            sums[to + j + 1] = s1;
            sums[to + j + 2] = s2;
            sums[to + j + 3] = s3;
            sums[to + j + 4] = s4;
            sums[to + j + 5] = s5;
            sums[to + j + 6] = s6;
            sums[to + j + 7] = s7;
        }
    }

    /** Adds the sums of a later span of columns, which are summed up by themselves. */
    private void addSpan(float[] left, int at, float[] panel, int count, float[] span, float[] sums, int to) {
        Arrays.fill(span, 0);
        addProducts(left, at, panel, count, width, span, 0);
        for (int j = 0; j < width; j++) sums[to + j] += span[j];
    }

    private void finish(float[] sums, Matrix c, Epilogue epilogue, int fromRow, int rows, int column) {
        int columns = Math.min(width, c.columns() - column);
        float[] bias = new float[columns], addend = new float[columns];
        if (epilogue.bias() != null) MemorySegment.copy(epilogue.bias(), Matrix.FLOAT, 4L * column, bias, 0, columns);
        for (int i = 0; i < rows; i++) {
            int row = fromRow + i, at = i * width;
            if (epilogue.addend() != null) read(epilogue.addend(), row, column, addend);
            for (int j = 0; j < columns; j++) {
                float value = sums[at + j] * epilogue.scale();
                if (epilogue.bias() != null) value += bias[j];
                if (epilogue.addend() != null) value += addend[j];
                sums[at + j] = epilogue.activation().of(value);
            }
            write(sums, at, columns, c, row, column);
        }
    }

    /** Reads some elements of a row. */
    private static void read(Matrix from, int row, int column, float[] to) {
        if (to.length == 0) return;
        if (from.columnStride() == 1) {
            MemorySegment.copy(from.memory(), Matrix.FLOAT, from.offset(row, column), to, 0, to.length);
        } else {
            for (int j = 0; j < to.length; j++) to[j] = from.get(row, column + j);
        }
    }

    private static void write(float[] from, int at, int count, Matrix to, int row, int column) {
        if (to.columnStride() == 1) {
            MemorySegment.copy(from, at, to.memory(), Matrix.FLOAT, to.offset(row, column), count);
        } else {
            for (int j = 0; j < count; j++) to.set(row, column + j, from[at + j]);
        }
    }
}
