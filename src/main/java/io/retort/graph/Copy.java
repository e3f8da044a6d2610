package io.retort.graph;

import io.retort.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/** Copies a strided view to dense memory, row by row of its last dimension. */
final class Copy {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Shape shape;
    private final long[] strides;

    Copy(Shape shape, List<Long> strides) {
        this.shape = shape;
        this.strides = strides.stream().mapToLong(Long::longValue).toArray();
    }

    int columns() {
        return shape.rank() == 0 ? 1 : shape.dim(-1);
    }

    int rows() {
        return columns() == 0 ? 0 : Math.toIntExact(shape.size() / columns());
    }

    void run(MemorySegment source, MemorySegment target, int from, int to) {
        int columns = columns();
        long step = shape.rank() == 0 ? 1 : strides[strides.length - 1];
        for (int row = from; row < to; row++) {
            long at = 4 * offset(row), out = 4L * row * columns;
            if (step == 1) {
                MemorySegment.copy(source, at, target, out, 4L * columns);
                continue;
            }
            for (int j = 0; j < columns; j++) target.set(FLOAT, out + 4L * j, source.get(FLOAT, at + 4 * j * step));
        }
    }

    private long offset(int row) {
        long offset = 0;
        for (int i = shape.rank() - 2, rest = row; i >= 0; i--) {
            offset += rest % shape.dim(i) * strides[i];
            rest /= shape.dim(i);
        }
        return offset;
    }
}
