package io.retort.tensor;

import java.util.StringJoiner;

/** Writes values of a GGUF file's metadata for people to read: shortened, and without control characters. */
final class GgufSummary {
    private static final int SHOWN = 5;

    private GgufSummary() {}

    /** Writes the value at the cursor, or an array's first elements, and moves the cursor behind what was read. */
    static String of(GgufValue value, GgufCursor cursor) {
        if (!value.array()) return single(value.type(), cursor);
        if (value.type() == GgufValueType.ARRAY) return value.count() + " arrays";
        boolean whole = value.count() <= SHOWN;
        var elements = new StringJoiner(", ", "[", whole ? "]" : ", …] (" + value.count() + ")");
        for (int i = 0; i < Math.min(SHOWN, value.count()); i++) elements.add(single(value.type(), cursor));
        return elements.toString();
    }

    private static String single(GgufValueType type, GgufCursor cursor) {
        return switch (type) {
            case UINT8 -> String.valueOf(Byte.toUnsignedInt(cursor.int8()));
            case INT8 -> String.valueOf(cursor.int8());
            case UINT16 -> String.valueOf(Short.toUnsignedInt(cursor.int16()));
            case INT16 -> String.valueOf(cursor.int16());
            case UINT32 -> Integer.toUnsignedString(cursor.int32());
            case INT32 -> String.valueOf(cursor.int32());
            case FLOAT32 -> String.valueOf(Float.intBitsToFloat(cursor.int32()));
            case BOOL -> String.valueOf(cursor.int8() == 1);
            case STRING -> Quoted.name(cursor.text());
            case UINT64 -> Long.toUnsignedString(cursor.int64());
            case INT64 -> String.valueOf(cursor.int64());
            case FLOAT64 -> String.valueOf(Double.longBitsToDouble(cursor.int64()));
            case ARRAY -> throw new IllegalArgumentException("arrays are summed up by their caller");
        };
    }
}
