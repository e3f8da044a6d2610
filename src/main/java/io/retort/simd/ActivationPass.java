package io.retort.simd;

import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The activation of a finished block of a product, while most of it is in the caches. Not done tile by tile: together
 * with the rest of {@link TileFinish} it is more than the JIT compiler inlines, and then takes half as long as the
 * product.
 */
final class ActivationPass {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int W = Lanes.COUNT;

    private ActivationPass() {
    }

    /** Applies it to C in place, rows {@code [fromRow, toRow)} of columns {@code [fromColumn, toColumn)}. */
    static void run(Activation activation, Matrix c, int fromRow, int toRow, int fromColumn, int toColumn) {
        if (activation == Activation.NONE) return;
        int columns = toColumn - fromColumn;
        for (int row = fromRow; row < toRow; row++) {
            long at = c.offset(row, fromColumn);
            if (c.columnStride() != 1) elements(activation, c, at, columns);
            else if (activation == Activation.GELU) gelu(c.memory(), at, columns);
            else geluTanh(c.memory(), at, columns);
        }
    }

    private static void gelu(MemorySegment c, long at, int columns) {
        int whole = Vectors.whole(columns);
        for (int j = 0; j < whole; j += W) put(VectorMath.gelu(get(c, at + 4L * j)), c, at + 4L * j);
        if (whole == columns) return;
        VectorMask<Float> rest = Vectors.rest(columns);
        put(VectorMath.gelu(get(c, at + 4L * whole, rest)), c, at + 4L * whole, rest);
    }

    private static void geluTanh(MemorySegment c, long at, int columns) {
        int whole = Vectors.whole(columns);
        for (int j = 0; j < whole; j += W) put(VectorMath.geluTanh(get(c, at + 4L * j)), c, at + 4L * j);
        if (whole == columns) return;
        VectorMask<Float> rest = Vectors.rest(columns);
        put(VectorMath.geluTanh(get(c, at + 4L * whole, rest)), c, at + 4L * whole, rest);
    }

    /** With gaps between columns: the same arithmetic, an element at a time. */
    private static void elements(Activation activation, Matrix c, long at, int columns) {
        MemorySegment memory = OffHeap.of(c.memory());
        for (int j = 0; j < columns; j++) {
            FloatVector x = FloatVector.broadcast(S, memory.get(Matrix.FLOAT, at + j * c.columnBytes()));
            FloatVector y = activation == Activation.GELU ? VectorMath.gelu(x) : VectorMath.geluTanh(x);
            memory.set(Matrix.FLOAT, at + j * c.columnBytes(), y.lane(0));
        }
    }
}
