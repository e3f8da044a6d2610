package io.retort.tensor;

import java.lang.foreign.MemorySegment;

/** Looks for NaN and infinities: the elements whose exponent bits are all set. */
final class NonFinite {
    private static final int BLOCK = 4096;
    private static final long EXPONENT_64 = 0x7FF0_0000_0000_0000L;
    private static final int EXPONENT_32 = 0x7F80_0000;
    private static final int EXPONENT_BF16 = 0x7F80;
    private static final int EXPONENT_F16 = 0x7C00;

    private NonFinite() {}

    /** Returns the row-major index of the first such element, or -1 if there is none. */
    static long first(Tensor tensor) {
        if (!tensor.type().isFloating()) return -1;
        long size = tensor.shape().size();
        for (long start = 0; start < size; start += BLOCK) {
            long end = Math.min(start + BLOCK, size);
            if (isFinite(tensor, start, end)) continue;
            while (isFinite(tensor, start, start + 1)) start++;
            return start;
        }
        return -1;
    }

    /**
     * Returns whether all elements of a range are finite. Each case is one loop without branches, which the compiler
     * turns into vector instructions.
     */
    private static boolean isFinite(Tensor tensor, long start, long end) {
        MemorySegment data = tensor.data();
        return switch (tensor.type()) {
            case F64 -> greatestLong(data, start, end) < EXPONENT_64;
            case F32 -> greatestInt(data, start, end) < EXPONENT_32;
            case F16 -> greatestShort(data, start, end, EXPONENT_F16) < EXPONENT_F16;
            case BF16 -> greatestShort(data, start, end, EXPONENT_BF16) < EXPONENT_BF16;
            default -> true;
        };
    }

    private static long greatestLong(MemorySegment data, long start, long end) {
        long greatest = 0;
        for (long i = start; i < end; i++) {
            greatest = Math.max(greatest, data.getAtIndex(Tensor.LONG, i) & EXPONENT_64);
        }
        return greatest;
    }

    private static int greatestInt(MemorySegment data, long start, long end) {
        int greatest = 0;
        for (long i = start; i < end; i++) {
            greatest = Math.max(greatest, data.getAtIndex(Tensor.INT, i) & EXPONENT_32);
        }
        return greatest;
    }

    private static int greatestShort(MemorySegment data, long start, long end, int exponent) {
        int greatest = 0;
        for (long i = start; i < end; i++) {
            greatest = Math.max(greatest, data.getAtIndex(Tensor.SHORT, i) & exponent);
        }
        return greatest;
    }
}
