package io.retort.tensor;

/** Types of GGUF's metadata, in the order of their codes. */
enum GgufValueType {
    UINT8(1, "an integer"), INT8(1, "an integer"), UINT16(2, "an integer"), INT16(2, "an integer"),
    UINT32(4, "an integer"), INT32(4, "an integer"), FLOAT32(4, "a real number"), BOOL(1, "a boolean"),
    STRING(0, "a string"), ARRAY(0, "an array"), UINT64(8, "an integer"), INT64(8, "an integer"),
    FLOAT64(8, "a real number");

    private final int bytes;
    private final String kind;

    GgufValueType(int bytes, String kind) {
        this.bytes = bytes;
        this.kind = kind;
    }

    static boolean isCode(long code) {
        return code >= 0 && code < values().length;
    }

    /** Bytes of a value; 0 for those that have a length of their own. */
    int bytes() {
        return bytes;
    }

    /** Bytes that a value takes at least. */
    int leastBytes() {
        return switch (this) {
            case STRING -> GgufCursor.SHORTEST_TEXT;
            case ARRAY -> Integer.BYTES + Long.BYTES;
            default -> bytes;
        };
    }

    /** {@code an integer}, {@code a string}: for messages. */
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
