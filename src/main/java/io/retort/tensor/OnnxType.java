package io.retort.tensor;

/** The element types of {@code TensorProto.DataType}, with their codes in ONNX files. */
enum OnnxType {
    UNDEFINED(0), FLOAT(1, ElementType.F32, 4), UINT8(2, ElementType.U8, 5), INT8(3, ElementType.I8, 5), UINT16(4),
    INT16(5, ElementType.I16, 5), INT32(6, ElementType.I32, 5), INT64(7, ElementType.I64, 7), STRING(8),
    BOOL(9, ElementType.BOOL, 5), FLOAT16(10, ElementType.F16, 5), DOUBLE(11, ElementType.F64, 10), UINT32(12),
    UINT64(13), COMPLEX64(14), COMPLEX128(15), BFLOAT16(16, ElementType.BF16, 5), OTHER(-1);

    static final int HIGHEST_DATA_FIELD = 10;

    private final int code;
    private final ElementType element;
    private final int dataField;

    OnnxType(int code) {
        this(code, null, 0);
    }

    OnnxType(int code, ElementType element, int dataField) {
        this.code = code;
        this.element = element;
        this.dataField = dataField;
    }

    /**
     * Returns the type of a code; {@link #OTHER} for codes that are newer than this list (8-bit floats, 4-bit integers)
     * or no codes at all.
     */
    static OnnxType of(long code) {
        for (OnnxType type : values()) if (type.code == code) return type;
        return OTHER;
    }

    /** Returns the same type in Retort; null if there is none. */
    ElementType element() {
        return element;
    }

    /**
     * Returns the number of the field of {@code TensorProto} that holds the elements where {@code raw_data} does not.
     */
    int dataField() {
        return dataField;
    }

    /**
     * Returns whether a number of {@link #dataField()} is a value of this type; 16-bit floats are stored as their bits.
     */
    boolean holds(long number) {
        return switch (this) {
            case UINT8 -> number >= 0 && number < 1 << 8;
            case INT8 -> number == (byte) number;
            case INT16 -> number == (short) number;
            case INT32 -> number == (int) number;
            case BOOL -> number == 0 || number == 1;
            case FLOAT16, BFLOAT16 -> number >= 0 && number < 1 << 16;
            default -> true;
        };
    }

    /** Returns the bytes of each number in a data field, 0 for varints. */
    static int width(int dataField) {
        return switch (dataField) {
            case 4 -> Float.BYTES;
            case 10 -> Double.BYTES;
            default -> 0;
        };
    }

    /** Returns how many numbers the present data field has, packed or single, and passes over them. */
    static long count(ProtoReader message) {
        int width = width(message.field());
        ProtoReader numbers = message.numbers(width);
        if (width == 0) return countVarints(numbers);
        long bytes = numbers.end() - numbers.position();
        if (bytes % width != 0) throw numbers.refusal("the message ends within a number");
        return bytes / width;
    }

    private static long countVarints(ProtoReader numbers) {
        long count = 0;
        for (; numbers.hasRemaining(); count++) numbers.rawVarint();
        return count;
    }
}
