package io.retort.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies a matrix with rows and columns exchanged, bit for bit, in square blocks that fit the first cache level. */
final class Transposition {
    private static final int BLOCK = 32;

    private Transposition() {}

    static MemorySegment of(Tensor matrix) {
        int size = matrix.arraySize();
        MemorySegment to = switch (matrix.type()) {
            // What Tensor.toFloats() and toDoubles() would copy into.
            case F32 -> MemorySegment.ofArray(new float[size]);
            case F64 -> MemorySegment.ofArray(new double[size]);
            default -> switch (matrix.type().bytes()) {
                case Long.BYTES -> MemorySegment.ofArray(new long[size]);
                case Integer.BYTES -> MemorySegment.ofArray(new int[size]);
                case Short.BYTES -> MemorySegment.ofArray(new short[size]);
                default -> MemorySegment.ofArray(new byte[size]);
            };
        };
        int rows = matrix.shape().dim(0);
        int columns = matrix.shape().dim(1);
        for (int row = 0; row < rows; row += BLOCK) {
            for (int column = 0; column < columns; column += BLOCK) {
                copyBlock(matrix, to, row, column);
            }
        }
        return to;
    }

    private static void copyBlock(Tensor matrix, MemorySegment to, int row, int column) {
        MemorySegment from = matrix.data();
        long rows = matrix.shape().dim(0);
        long columns = matrix.shape().dim(1);
        long lastRow = Math.min(row + BLOCK, rows);
        long lastColumn = Math.min(column + BLOCK, columns);
        for (long i = row; i < lastRow; i++) {
            for (long j = column; j < lastColumn; j++) {
                long source = i * columns + j;
                long target = j * rows + i;
                switch (matrix.type().bytes()) {
                    case Long.BYTES -> to.setAtIndex(Tensor.LONG, target, from.getAtIndex(Tensor.LONG, source));
                    case Integer.BYTES -> to.setAtIndex(Tensor.INT, target, from.getAtIndex(Tensor.INT, source));
                    case Short.BYTES -> to.setAtIndex(Tensor.SHORT, target, from.getAtIndex(Tensor.SHORT, source));
                    default -> to.set(ValueLayout.JAVA_BYTE, target, from.get(ValueLayout.JAVA_BYTE, source));
                }
            }
        }
    }
}
