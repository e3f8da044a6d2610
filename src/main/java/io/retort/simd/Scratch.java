package io.retort.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Memory in which kernels keep what they need for a moment, grown on demand and used again: in steady state nothing is
 * allocated. One thread at a time may use it; any thread may close it when no kernel runs.
 */
public final class Scratch implements AutoCloseable {
    /** Right-hand sides of products that are packed for one call. */
    final Buffer right = new Buffer();
    /** Values of an attention, packed. */
    final Buffer values = new Buffer();
    /** Weights of an attention, and their gradients. */
    final Buffer weights = new Buffer(), gradients = new Buffer();
    /** Keys of an attention, packed by rows, and some rows of it that are a right-hand side for a moment. */
    final Buffer keys = new Buffer(), block = new Buffer();
    /** Keys or values of an attention that do not lie together, and their gradients. */
    final Buffer keyRows = new Buffer(), dKeys = new Buffer(), dValues = new Buffer();
    /** Left-hand sides of products with quantised weights, and the weights of a tile. */
    final Buffer codes = new Buffer(), unpacked = new Buffer();
    /** Sums of one register tile. */
    float[] tile = new float[0];
    /** Sums of many tiles that are not complete. */
    private float[] partial = new float[0];

    /** An array of at least this length, with anything in it. */
    float[] tile(int length) {
        if (tile.length < length) tile = new float[length];
        return tile;
    }

    /** A second array of at least this length, apart from that of {@link #tile(int)}, with anything in it. */
    float[] partial(int length) {
        if (partial.length < length) partial = new float[length];
        return partial;
    }

    private List<Buffer> buffers() {
        return List.of(right, values, weights, gradients, keys, block, keyRows, dKeys, dValues, codes, unpacked);
    }

    /** Bytes off the heap that are held at present. */
    public long bytes() {
        return buffers().stream().mapToLong(buffer -> buffer.memory.byteSize()).sum();
    }

    /** Frees the memory. */
    @Override
    public void close() {
        buffers().forEach(Buffer::close);
    }

    /** Off-heap memory that only grows. */
    static final class Buffer implements AutoCloseable {
        private Arena arena;
        private MemorySegment memory = MemorySegment.NULL;

        /** Memory of at least so many bytes, aligned to {@value PackedMatrix#ALIGNMENT}, with anything in it. */
        MemorySegment atLeast(long bytes) {
            if (memory.byteSize() < bytes) {
                close();
                arena = Arena.ofShared();
                memory = arena.allocate(Math.ceilDiv(bytes, PackedMatrix.ALIGNMENT) * PackedMatrix.ALIGNMENT,
                        PackedMatrix.ALIGNMENT);
            }
            return memory;
        }

        @Override
        public void close() {
            memory = MemorySegment.NULL;
            if (arena != null) arena.close();
            arena = null;
        }
    }
}
