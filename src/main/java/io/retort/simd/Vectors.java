package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors of {@link Lanes#FLOATS} in memory, at byte offsets, and folds over their lanes. A row is its whole vectors,
 * and for what is left one vector under a mask.
 */
final class Vectors {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final VectorShuffle<Float> SWAP8 = swap(8);
    private static final VectorShuffle<Float> SWAP4 = swap(4);
    private static final VectorShuffle<Float> SWAP2 = swap(2);
    private static final VectorShuffle<Float> SWAP1 = swap(1);

    private Vectors() {
    }

    private static VectorShuffle<Float> swap(int h) {
        return Butterfly.swap(S, h % Lanes.COUNT);
    }

    static FloatVector get(MemorySegment x, long at) {
        return FloatVector.fromMemorySegment(S, OffHeap.of(x), at, LITTLE_ENDIAN);
    }

    /** Reads a vector under a mask, with zeros where the mask is off. */
    static FloatVector get(MemorySegment x, long at, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(S, OffHeap.of(x), at, LITTLE_ENDIAN, mask);
    }

    static void put(FloatVector value, MemorySegment x, long at) {
        value.intoMemorySegment(OffHeap.of(x), at, LITTLE_ENDIAN);
    }

    static void put(FloatVector value, MemorySegment x, long at, VectorMask<Float> mask) {
        value.intoMemorySegment(OffHeap.of(x), at, LITTLE_ENDIAN, mask);
    }

    /** Number of floats of a row that whole vectors hold. */
    static int whole(int dim) {
        return dim & -Lanes.COUNT;
    }

    /** The mask of the lanes that the rest of a row fills, beyond its whole vectors. */
    static VectorMask<Float> rest(int dim) {
        return S.indexInRange(whole(dim), dim);
    }

    /** The sum of all lanes, each in the same order at every call. */
    static float sum(FloatVector x) {
        if (Lanes.COUNT > 8) x = x.add(x.rearrange(SWAP8));
        if (Lanes.COUNT > 4) x = x.add(x.rearrange(SWAP4));
        x = x.add(x.rearrange(SWAP2));
        return x.add(x.rearrange(SWAP1)).lane(0);
    }

    /** The greatest of all lanes, none of which is NaN. */
    static float max(FloatVector x) {
        if (Lanes.COUNT > 8) x = greater(x, x.rearrange(SWAP8));
        if (Lanes.COUNT > 4) x = greater(x, x.rearrange(SWAP4));
        x = greater(x, x.rearrange(SWAP2));
        return greater(x, x.rearrange(SWAP1)).lane(0);
    }

    /** The greater of each pair, b if they are unordered: two instructions, where max, exact for NaN, is five. */
    static FloatVector greater(FloatVector a, FloatVector b) {
        return b.blend(a, a.compare(VectorOperators.GT, b));
    }
}
