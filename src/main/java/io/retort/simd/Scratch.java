package io.retort.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Memory in which kernels keep what they need for a moment, grown on demand and used again: in steady state nothing is
 * allocated. One thread at a time may use it; any thread may close it when no kernel runs.
 */
public final class Scratch implements AutoCloseable {
    /** Rows of left-hand sides of products, packed. */
    final Buffer left = new Buffer();
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
    /** Weights that are decoded for a moment. */
    final Buffer decoded = new Buffer();
    /** A left-hand side that is quantised. */
    private int[] codes = new int[0];
    /** Codes of quantised weights, unpacked. */
    private short[] panel = new short[0];
    /** Scales of quantised weights, unpacked. */
    private float[] scales = new float[0];
    /** Sums of one register tile. */
    float[] tile = new float[0];
    /** Sums of many tiles that are not complete, and those of earlier spans. */
    private float[] partial = new float[0], spans = new float[0];

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

    /** A third array of at least this length, apart from the others, with anything in it. */
    float[] spans(int length) {
        if (spans.length < length) spans = new float[length];
        return spans;
    }

    /** Makes room for a quantised left-hand side. */
    int[] codes(int length) {
        if (codes.length < length) codes = new int[length];
        return codes;
    }

    /** Makes room for the codes of unpacked weights. */
    short[] panel(int length) {
        if (panel.length < length) panel = new short[length];
        return panel;
    }

    /** Makes room for the scales of unpacked weights. */
    float[] scales(int length) {
        if (scales.length < length) scales = new float[length];
        return scales;
    }

    private List<Buffer> buffers() {
        return List.of(left, right, values, weights, gradients, keys, block, keyRows, dKeys, dValues, decoded);
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
