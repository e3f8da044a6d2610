package io.retort.tensor;

/**
 * Where a value of a GGUF file's metadata stands; it is decoded when it is asked for.
 *
 * @param type what the value is; of an array, what its elements are
 * @param array whether it is an array
 * @param count elements of an array, 1 otherwise
 * @param offset where the value, or an array's first element, starts in the file, in bytes
 */
record GgufValue(GgufValueType type, boolean array, long count, long offset) {
    /** The deepest nesting of arrays that is accepted; arrays of arrays in real files are two deep. */
    private static final int DEEPEST = 8;

    /** Reads a value's type and passes over the value, checking all lengths in it. */
    static GgufValue read(GgufCursor cursor) {
        GgufValueType type = readType(cursor);
        if (type != GgufValueType.ARRAY) {
            long offset = cursor.position();
            skip(cursor, type, 0);
            return new GgufValue(type, false, 1, offset);
        }
        GgufValueType elements = readType(cursor);
        long count = cursor.count("elements", elements.leastBytes());
        long offset = cursor.position();
        skipElements(cursor, elements, count, 1);
        return new GgufValue(elements, true, count, offset);
    }

    private static GgufValueType readType(GgufCursor cursor) {
        long at = cursor.position();
        long code = Integer.toUnsignedLong(cursor.int32());
        return GgufValueType.of(code).orElseThrow(() -> cursor.refusal(at, "a value of the unknown type " + code));
    }

    private static void skip(GgufCursor cursor, GgufValueType type, int depth) {
        switch (type) {
            case STRING -> cursor.skipText();
            case ARRAY -> {
                if (depth == DEEPEST) throw cursor.refusal(cursor.position(), "arrays nested more than " + DEEPEST);
                GgufValueType elements = readType(cursor);
                skipElements(cursor, elements, cursor.count("elements", elements.leastBytes()), depth + 1);
            }
            case BOOL -> {
                byte value = cursor.int8();
                if (value != 0 && value != 1) throw cursor.refusal(cursor.position() - 1, value + " is not a boolean");
            }
            default -> cursor.advance(type.bytes());
        }
    }

    private static void skipElements(GgufCursor cursor, GgufValueType type, long count, int depth) {
        boolean fixed = type.bytes() > 0 && type != GgufValueType.BOOL;
        // The count was checked: this is not more than the file's size.
        if (fixed) cursor.advance(count * type.bytes());
        else for (long i = 0; i < count; i++) skip(cursor, type, depth);
    }

    /** Returns the kind of the value for messages, such as {@code an integer} or {@code an array of strings}. */
    String kind() {
        if (!array) return type.kind();
        String kind = type.kind();
        return "an array of " + kind.substring(kind.indexOf(' ') + 1) + "s";
    }
}
