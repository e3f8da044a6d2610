package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Rows#read} on the Vector API: the same values, bit for bit, as float32 off the heap, where the loops of
 * {@link Dots} take them. The Vector API has no vectors of half floats; their bits are moved to where a float has its
 * own, and the exponent is mended by one exact multiplication.
 */
final class RowWidening {
    private static final VectorSpecies<Float> F = Lanes.FLOATS;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class,
            VectorShape.forBitSize(F.vectorBitSize() / 2));
    /** As many bytes as a vector of floats has lanes; twice as many where there are no vectors of so few. */
    private static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class,
            VectorShape.forBitSize(Math.max(64, F.vectorBitSize() / 4)));
    private static final int W = Lanes.COUNT;
    private static final int PARTS = B.length() / W;

    private RowWidening() {
    }

    /**
     * Writes the values of a row.
     *
     * @param from rows off the heap
     * @param to   off the heap
     * @param at   byte offset of the first value in it
     */
    static void widen(Rows from, int row, MemorySegment to, long at) {
        switch (from.format()) {
            case F32 -> MemorySegment.copy(from.data(), from.offset(row), to, at, from.stride());
            case F16 -> halves(from.data(), from.offset(row), from.dims(), to, at);
            case INT8 -> bytes(from.data(), from.offset(row), from.dims(), to, at);
        }
    }

    private static void halves(MemorySegment from, long row, int dims, MemorySegment to, long at) {
        MemorySegment source = OffHeap.of(from), target = OffHeap.of(to);
        int i = 0;
        for (; i <= dims - W; i += W) {
            IntVector bits = (IntVector) ShortVector.fromMemorySegment(S, source, row + 2L * i, LITTLE_ENDIAN)
                    .convertShape(VectorOperators.S2I, I, 0);
            bits.lanewise(VectorOperators.LSHL, RowFormat.HALF_SHIFT).and(RowFormat.HALF_BITS).reinterpretAsFloats()
                    .mul(RowFormat.HALF).intoMemorySegment(target, at + 4L * i, LITTLE_ENDIAN);
        }
        for (; i < dims; i++) target.set(Matrix.FLOAT, at + 4L * i, RowFormat.half(source, row + 2L * i));
    }

    private static void bytes(MemorySegment from, long row, int dims, MemorySegment to, long at) {
        MemorySegment source = OffHeap.of(from), target = OffHeap.of(to);
        float scale = source.get(Matrix.FLOAT, row);
        long codes = row + RowFormat.SCALE_BYTES;
        int i = 0;
        for (; i <= dims - B.length(); i += B.length()) {
            ByteVector some = ByteVector.fromMemorySegment(B, source, codes + i, LITTLE_ENDIAN);
            for (int part = 0; part < PARTS; part++) {
                ((FloatVector) some.convertShape(VectorOperators.B2F, F, part)).mul(scale)
                        .intoMemorySegment(target, at + 4L * (i + part * W), LITTLE_ENDIAN);
            }
        }
        for (; i < dims; i++)
            target.set(Matrix.FLOAT, at + 4L * i, scale * source.get(ValueLayout.JAVA_BYTE, codes + i));
    }
}
