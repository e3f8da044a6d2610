package io.retort.tensor;

import java.util.Arrays;
import java.util.Optional;

/** The types of values in GGUF metadata, with their codes in files. */
enum GgufValueType {
    UINT8(0, 1, "an integer"), INT8(1, 1, "an integer"), UINT16(2, 2, "an integer"), INT16(3, 2, "an integer"),
    UINT32(4, 4, "an integer"), INT32(5, 4, "an integer"), FLOAT32(6, 4, "a real number"), BOOL(7, 1, "a boolean"),
    STRING(8, 0, "a string"), ARRAY(9, 0, "an array"), UINT64(10, 8, "an integer"), INT64(11, 8, "an integer"),
    FLOAT64(12, 8, "a real number");

    private final int code;
    private final int bytes;
    private final String kind;

    GgufValueType(int code, int bytes, String kind) {
        this.code = code;
        this.bytes = bytes;
        this.kind = kind;
    }

    /** Returns the type of a code; empty for codes that are newer than this list, or none at all. */
    static Optional<GgufValueType> of(long code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }

    int code() {
        return code;
    }

    /** Returns the bytes of a value; 0 for types whose values have a length of their own. */
    int bytes() {
        return bytes;
    }

    /** Returns the bytes that a value takes at least. */
    int leastBytes() {
        return switch (this) {
            case STRING -> GgufCursor.SHORTEST_TEXT;
            case ARRAY -> Integer.BYTES + Long.BYTES;
            default -> bytes;
        };
    }

    /** Returns the kind of value for messages, such as {@code an integer} or {@code a string}. */
    String kind() {
        return kind;
    }

    boolean isInteger() {
        return switch (this) {
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
            default -> false;
        };
    }

    boolean isReal() {
        return this == FLOAT32 || this == FLOAT64;
    }
}
