package io.retort.ingest;

import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * A structure in Thrift's compact protocol, walked through to its end with every length checked against the bytes that
 * are there; its whole numbers and those of structures directly in it are kept.
 */
final class ThriftFields {
    private static final int MOST_DEPTH = 40;
    private static final int INT32 = 5;
    private static final int INT64 = 6;
    private static final int STRUCT = 12;
    /** Depth of structures in a list of the outermost one. */
    private static final int LISTED = 2;

    private final ByteBuffer bytes;
    private final boolean mayList;
    /** Whole numbers by field, and by field of a field: {@code 1000 * outer + inner}. */
    private final Map<Integer, Long> numbers = new HashMap<>();

    /** The first whole numbers of structures in a list that is a field itself: offsets, in an index of pages. */
    private final LongArrayList offsets = new LongArrayList();

    private ThriftFields(ByteBuffer bytes, boolean mayList) {
        this.bytes = bytes;
        this.mayList = mayList;
    }

    /**
     * Walks through the structure at a buffer's position, and leaves the position behind it.
     *
     * @throws IOException if it does not end within the buffer
     */
    static ThriftFields read(ByteBuffer bytes) throws IOException {
        return read(bytes, true);
    }

    /** As {@link #read}, of a structure without lists, as headers of pages are: about its length there is no doubt then. */
    static ThriftFields readPlain(ByteBuffer bytes) throws IOException {
        return read(bytes, false);
    }

    private static ThriftFields read(ByteBuffer bytes, boolean mayList) throws IOException {
        ThriftFields fields = new ThriftFields(bytes, mayList);
        fields.structure(0, 0);
        return fields;
    }

    /** A whole number of the structure. */
    long number(int field, long absent) {
        return numbers.getOrDefault(field, absent);
    }

    /** A whole number of a structure in it. */
    long number(int outer, int inner, long absent) {
        return numbers.getOrDefault(1000 * outer + inner, absent);
    }

    /** The field 1 of each structure in the lists of the structure. */
    LongArrayList offsets() {
        return offsets;
    }

    private void structure(int depth, int outer) throws IOException {
        if (depth > MOST_DEPTH) throw new IOException("structures are nested too deeply");
        int field = 0;
        while (true) {
            int head = unsigned();
            if (head == 0) return;
            int step = head >> 4;
            field = step == 0 ? (int) zigzag(varint()) : field + step;
            value(head & 15, depth, depth == 0 ? field : 1000 * outer + field, field);
        }
    }

    private void value(int type, int depth, int key, int field) throws IOException {
        switch (type) {
            case 1, 2 -> {
                // A truth value stands in the field's head.
                if (depth < 2) numbers.put(key, type == 1 ? 1L : 0L);
            }
            case 3 -> skip(1);
            case 4, 5, 6 -> {
                long number = zigzag(varint());
                // A library takes a field of another type than it should have for absent.
                if (type == INT32 && depth < 2) numbers.put(key, number);
                if (type == INT64 && depth == LISTED && field == 1) offsets.add(number);
            }
            case 7 -> skip(8);
            case 8 -> skip(varint());
            case 9, 10, 11 -> {
                if (!mayList) throw new IOException("a list where none should be");
                if (type == 11) map(depth);
                else list(depth);
            }
            case STRUCT -> structure(depth + 1, depth == 0 ? field : 0);
            default -> throw new IOException("a field of an unknown type " + type);
        }
    }

    private void list(int depth) throws IOException {
        int head = unsigned();
        long size = head >> 4 == 15 ? varint() : head >> 4;
        elements(head & 15, size, depth);
    }

    private void map(int depth) throws IOException {
        long size = varint();
        if (size == 0) return;
        int types = unsigned();
        requireRoom(size);
        for (long i = 0; i < size; i++) {
            elements(types >> 4, 1, depth);
            elements(types & 15, 1, depth);
        }
    }

    private void elements(int type, long size, int depth) throws IOException {
        // Every element has a byte at least.
        requireRoom(size);
        for (long i = 0; i < size; i++) {
            if (type == 1 || type == 2) skip(1);
            else if (type == STRUCT) structure(depth + 2, 0);
            else value(type, depth + 2, 0, 0);
        }
    }

    private void requireRoom(long size) throws IOException {
        if (size < 0 || size > bytes.remaining()) throw new IOException("a list is longer than its bytes");
    }

    private int unsigned() throws IOException {
        if (!bytes.hasRemaining()) throw new IOException("a structure is cut");
        return bytes.get() & 0xff;
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = unsigned();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
        throw new IOException("a number is too long");
    }

    private static long zigzag(long value) {
        return value >>> 1 ^ -(value & 1);
    }

    private void skip(long count) throws IOException {
        if (count < 0 || count > bytes.remaining()) throw new IOException("a value is longer than its bytes");
        bytes.position(bytes.position() + (int) count);
    }
}
