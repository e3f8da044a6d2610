package io.retort.tensor;

/** {@code TensorProto.DataType}, in ONNX's order, which is that of its codes. */
enum OnnxType {
    UNDEFINED, FLOAT(ElementType.F32, 4), UINT8(ElementType.U8, 5), INT8(ElementType.I8, 5), UINT16,
    INT16(ElementType.I16, 5), INT32(ElementType.I32, 5), INT64(ElementType.I64, 7), STRING, BOOL(ElementType.BOOL, 5),
    FLOAT16(ElementType.F16, 5), DOUBLE(ElementType.F64, 10), UINT32, UINT64, COMPLEX64, COMPLEX128,
    BFLOAT16(ElementType.BF16, 5), OTHER;

    static final int HIGHEST_DATA_FIELD = 10;

    private final ElementType element;
    private final int dataField;

    OnnxType() {
        this(null, 0);
    }

    OnnxType(ElementType element, int dataField) {
        this.element = element;
        this.dataField = dataField;
    }

    /** {@link #OTHER} for codes that are newer than this list (8-bit floats, 4-bit integers) or no codes at all. */
    static OnnxType of(long code) {
        return code >= 0 && code < OTHER.ordinal() ? values()[(int) code] : OTHER;
    }

    /** The same type here; null if there is none. */
    ElementType element() {
        return element;
    }

    /** The field of {@code TensorProto} that holds its elements where {@code raw_data} does not. */
    int dataField() {
        return dataField;
    }

    /** Whether a number of {@link #dataField()} is a value of this type; 16-bit floats are stored as their bits. */
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

    /** Bytes of each number in a data field, 0 for varints. */
    static int width(int dataField) {
        return switch (dataField) {
            case 4 -> Float.BYTES;
            case 10 -> Double.BYTES;
            default -> 0;
        };
    }

    /** How many numbers the data field at hand has, packed or single; they are passed over. */
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
