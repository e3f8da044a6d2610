package io.retort.tensor;

import io.retort.files.BadInput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Protobuf's wire format, field by field, over mapped bytes: {@link #next()} moves to a field, then exactly one method
 * takes or skips its value. Nested messages are readers over a part of the same bytes, so depth is the caller's and
 * nothing is copied. Each length is checked against the message around it; groups, which nest without a length, are
 * refused. One thread.
 */
final class ProtoReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int DELIMITED = 2;
    private static final int FIXED32 = 5;

    private static final int LONGEST_TEXT = 1 << 16;
    private static final int HIGHEST_FIELD = (1 << 29) - 1;

    private final MappedFile file;
    private final long end;
    private long position;
    private int field;
    private int wireType;

    ProtoReader(MappedFile file, long start, long end) {
        this.file = file;
        this.position = start;
        this.end = end;
    }

    /** Returns another reader at the same place of the same message. */
    ProtoReader copy() {
        return new ProtoReader(file, position, end);
    }

    /** Moves to the next field; returns false at the end of the message. */
    boolean next() {
        if (position == end) return false;
        long tag = rawVarint();
        if (tag >>> 3 == 0 || tag >>> 3 > HIGHEST_FIELD) throw refusal("no such field number");
        field = (int) (tag >>> 3);
        wireType = (int) (tag & 7);
        return true;
    }

    /** Returns the number of the present field. */
    int field() {
        return field;
    }

    boolean hasRemaining() {
        return position < end;
    }

    /** Returns where the reader is, in bytes from the start of the file. */
    long position() {
        return position;
    }

    long end() {
        return end;
    }

    /** Reads a field of type int32, int64, uint64, bool or enum. */
    long integer() {
        expect(VARINT);
        return rawVarint();
    }

    /** Returns a reader over a nested message, or over the content of a packed field. */
    ProtoReader message() {
        expect(DELIMITED);
        long length = rawVarint();
        if (length < 0 || length > end - position) {
            throw refusal("a field of " + Long.toUnsignedString(length) + " bytes where " + (end - position)
                    + " are left");
        }
        var message = new ProtoReader(file, position, position + length);
        position += length;
        return message;
    }

    MemorySegment bytes() {
        ProtoReader content = message();
        return file.bytes().asSlice(content.position, content.end - content.position);
    }

    String text() {
        MemorySegment bytes = bytes();
        if (bytes.byteSize() == 0) return "";
        if (bytes.byteSize() > LONGEST_TEXT) throw refusal("a name of " + bytes.byteSize() + " bytes");
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.asByteBuffer()).toString();
        } catch (CharacterCodingException e) {
            throw refusal("a name that is not UTF-8").causedBy(e);
        }
    }

    /**
     * Returns a reader over the numbers of a repeated field: the content of a packed one, or the single present one.
     *
     * @param width bytes of each number, 0 for varints
     */
    ProtoReader numbers(int width) {
        if (wireType == DELIMITED) return message();
        expect(switch (width) {
            case Integer.BYTES -> FIXED32;
            case Long.BYTES -> FIXED64;
            default -> VARINT;
        });
        long start = position;
        skip();
        return new ProtoReader(file, start, position);
    }

    /** Passes over the value of the present field. */
    void skip() {
        switch (wireType) {
            case VARINT -> rawVarint();
            case FIXED64 -> advance(Long.BYTES);
            case DELIMITED -> message();
            case FIXED32 -> advance(Integer.BYTES);
            default -> throw refusal("a group or unknown wire type");
        }
    }

    /** Reads the next varint of {@link #numbers(int)}. */
    long rawVarint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (position == end) throw refusal("the message ends within a number");
            byte bits = file.bytes().get(ValueLayout.JAVA_BYTE, position++);
            value |= (bits & 0x7FL) << shift;
            if (bits >= 0) return value;
        }
        throw refusal("a number of more than 10 bytes");
    }

    /** Reads the next fixed-width element of {@link #numbers(int)}, as a slice. */
    MemorySegment rawFixed(int width) {
        long start = position;
        advance(width);
        return file.bytes().asSlice(start, width);
    }

    private void advance(int bytes) {
        if (bytes > end - position) throw refusal("the message ends within a number");
        position += bytes;
    }

    private void expect(int wanted) {
        if (wireType != wanted) throw refusal("field " + field + " has wire type " + wireType + ", not " + wanted);
    }

    /** Makes the refusal, for the caller to throw, of a file that is damaged at this reader's place. */
    BadInput refusal(String problem) {
        return refusal(problem, "the file is damaged or not ONNX: fetch it again");
    }

    BadInput refusal(String problem, String remedy) {
        return BadInput.atOffset(file.path(), position, problem, remedy);
    }
}
