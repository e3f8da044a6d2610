package io.retort.tensor;

import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/**
 * A {@code TensorProto}: an initializer's type and shape, and where its elements are. Exporters store them either as
 * plain little-endian bytes, in the file ({@code raw_data}) or in another one ({@link OnnxExternalData}), which become a
 * slice of the mapping, or as numbers of a field of the wider type ({@code float_data}, {@code int32_data} and so on),
 * which are decoded at each {@link #tensor()}.
 */
final class OnnxTensor {
    private static final int MOST_ENTRIES = 16;

    private final String name;
    private final OnnxType type;
    private final Shape shape;
    private final MemorySegment raw;
    private final ProtoReader message;

    private OnnxTensor(String name, OnnxType type, Shape shape, MemorySegment raw, ProtoReader message) {
        this.name = name;
        this.type = type;
        this.shape = shape;
        this.raw = raw;
        this.message = message;
    }

    /** What a walk over the fields of the message finds. */
    private static final class Fields {
        String name = "";
        long typeCode;
        final LongArrayList dims = new LongArrayList(4);
        MemorySegment raw;
        /** The entries of the tensor's external data, by key; empty where it has none. */
        final Map<String, String> external = new HashMap<>();
        boolean isExternal;
        /**
         * How many numbers each field holds, by field number: float_data 4, int32_data 5, int64_data 7, double_data 10.
         */
        final long[] counts = new long[OnnxType.HIGHEST_DATA_FIELD + 1];
    }

    /**
     * Reads and checks a tensor's description; its elements are not decoded yet.
     *
     * @param external opens the files that the tensor may lie in
     * @throws BadInput if the message or the file that it names is damaged, or its elements are not as many as its
     *     shape
     * says
     */
    static OnnxTensor read(ProtoReader message, OnnxExternalData external) {
        ProtoReader again = message.copy();
        Fields fields = fields(message);
        if (fields.isExternal) {
            if (fields.raw != null) throw message.refusal("a tensor both here and in another file (external data)");
            fields.raw = external.slice(fields.external, message);
        } else
            if (!fields.external.isEmpty()) {
                throw message.refusal("a tensor that names external data, and does not say that it lies there");
            }
        OnnxType type = OnnxType.of(fields.typeCode);
        Shape shape = shape(fields, message);
        if (type.element() != null) checkSize(fields, type, shape, message);
        return new OnnxTensor(fields.name, type, shape, fields.raw, again);
    }

    private static Fields fields(ProtoReader message) {
        var fields = new Fields();
        while (message.next()) {
            switch (message.field()) {
                case 1 -> readDims(message, fields.dims);
                case 2 -> fields.typeCode = message.integer();
                case 3 -> throw message.refusal("tensors in segments are not supported");
                case 4, 5, 7, 10 -> fields.counts[message.field()] += OnnxType.count(message);
                case 8 -> fields.name = message.text();
                case 9 -> fields.raw = message.bytes();
                case 13 -> readEntry(message.message(), fields.external);
                case 14 -> fields.isExternal = message.integer() != 0;
                default -> message.skip();
            }
        }
        return fields;
    }

    /** Reads a {@code StringStringEntryProto} of the tensor's external data. */
    private static void readEntry(ProtoReader entry, Map<String, String> external) {
        String key = "";
        String value = "";
        while (entry.next()) {
            switch (entry.field()) {
                case 1 -> key = entry.text();
                case 2 -> value = entry.text();
                default -> entry.skip();
            }
        }
        if (external.size() == MOST_ENTRIES) throw entry.refusal("a tensor with too many entries of external data");
        if (external.putIfAbsent(key, value) != null) {
            throw entry.refusal("a tensor whose external data have two entries " + Quoted.name(key));
        }
    }

    private static void readDims(ProtoReader message, LongArrayList dims) {
        ProtoReader numbers = message.numbers(0);
        while (numbers.hasRemaining()) {
            if (dims.size() == TensorInfo.HIGHEST_RANK) throw message.refusal("a tensor of too many dimensions");
            dims.add(numbers.rawVarint());
        }
    }

    private static Shape shape(Fields fields, ProtoReader message) {
        try {
            return TensorInfo.shapeOf(fields.dims);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw message
                    .refusal("tensor " + Quoted.name(fields.name) + " has an impossible shape (" + e.getMessage() + ")")
                    .causedBy(e);
        }
    }

    private static void checkSize(Fields fields, OnnxType type, Shape shape, ProtoReader message) {
        long numbers = 0;
        for (long count : fields.counts) numbers += count;
        boolean fits = fields.raw != null
                ? numbers == 0 && fields.raw.byteSize() % type.element().bytes() == 0
                        && fields.raw.byteSize() / type.element().bytes() == shape.size()
                : numbers == shape.size() && fields.counts[type.dataField()] == numbers;
        if (!fits) {
            String has = fields.raw != null ? fields.raw.byteSize() + " bytes and " : "";
            throw message.refusal("tensor " + Quoted.name(fields.name) + " is " + type.element() + shape + ", but has "
                    + has + numbers + " numbers");
        }
    }

    String name() {
        return name;
    }

    Shape shape() {
        return shape;
    }

    /** Returns the element type, or null if ONNX has the type and Retort does not. */
    ElementType type() {
        return type.element();
    }

    /** Returns ONNX's own name of the type. */
    String typeName() {
        return type.name();
    }

    /**
     * Returns the tensor with its elements, mapped or decoded.
     *
     * @throws BadInput if the type is not supported, or a number does not fit it
     */
    Tensor tensor() {
        if (type.element() == null) {
            throw message.refusal("tensor " + Quoted.name(name) + " is of ONNX type " + type.name(),
                    "export the model with float32, float16 or bfloat16 weights");
        }
        return new Tensor(type.element(), shape, raw != null ? raw : decoded());
    }

    private MemorySegment decoded() {
        long bytes = shape.size() * type.element().bytes();
        if (bytes > Integer.MAX_VALUE - 8) throw message.refusal("tensor " + Quoted.name(name) + " is too large");
        MemorySegment elements = MemorySegment.ofArray(new byte[(int) bytes]);
        ProtoReader fields = message.copy();
        long at = 0;
        while (fields.next()) {
            if (fields.field() == type.dataField())
                at = decode(fields.numbers(OnnxType.width(type.dataField())), elements, at);
            else
                fields.skip();
        }
        return elements;
    }

    private long decode(ProtoReader numbers, MemorySegment elements, long start) {
        int width = type.element().bytes();
        long at = start;
        for (; numbers.hasRemaining(); at += width) {
            if (type.element() == ElementType.F32 || type.element() == ElementType.F64) {
                MemorySegment.copy(numbers.rawFixed(width), 0, elements, at, width);
                continue;
            }
            long number = numbers.rawVarint();
            if (!type.holds(number))
                throw numbers.refusal(number + " in tensor " + Quoted.name(name) + " of type " + type);
            switch (width) {
                case Long.BYTES -> elements.set(Tensor.LONG, at, number);
                case Integer.BYTES -> elements.set(Tensor.INT, at, (int) number);
                case Short.BYTES -> elements.set(Tensor.SHORT, at, (short) number);
                default -> elements.set(ValueLayout.JAVA_BYTE, at, (byte) number);
            }
        }
        return at;
    }
}
