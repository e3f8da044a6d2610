package io.retort.tensor;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * ggml's element types, by their codes in GGUF files. Those of plain elements and those that {@link QuantizedType} has
 * are read; of the others Retort knows the size, to check the file.
 */
enum GgufType {
    F32(0, ElementType.F32), F16(1, ElementType.F16), Q4_0(2, QuantizedType.Q4_0), Q4_1(3, QuantizedType.Q4_1),
    Q5_0(6, QuantizedType.Q5_0), Q5_1(7, QuantizedType.Q5_1), Q8_0(8, QuantizedType.Q8_0), Q8_1(9, 32, 40),
    Q2_K(10, 256, 84), Q3_K(11, 256, 110), Q4_K(12, QuantizedType.Q4_K), Q5_K(13, QuantizedType.Q5_K),
    Q6_K(14, QuantizedType.Q6_K), Q8_K(15, 256, 292), IQ2_XXS(16, 256, 66), IQ2_XS(17, 256, 74), IQ3_XXS(18, 256, 98),
    IQ1_S(19, 256, 50), IQ4_NL(20, 32, 18), IQ3_S(21, 256, 110), IQ2_S(22, 256, 82), IQ4_XS(23, 256, 136),
    I8(24, ElementType.I8), I16(25, ElementType.I16), I32(26, ElementType.I32), I64(27, ElementType.I64),
    F64(28, ElementType.F64), IQ1_M(29, 256, 56), BF16(30, ElementType.BF16), TQ1_0(34, 256, 54), TQ2_0(35, 256, 66),
    MXFP4(39, 32, 17), NVFP4(40, 64, 36);

    /** The names of the types that can be read, for messages. */
    static final String SUPPORTED = Arrays.stream(values()).filter(GgufType::isReadable).map(Enum::name)
            .collect(Collectors.joining(", "));

    private final int code;
    private final int blockSize;
    private final int blockBytes;
    private final ElementType element;
    private final QuantizedType quantized;

    GgufType(int code, ElementType element) {
        this(code, 1, element.bytes(), element, null);
    }

    GgufType(int code, QuantizedType quantized) {
        this(code, quantized.blockSize(), quantized.blockBytes(), null, quantized);
    }

    GgufType(int code, int blockSize, int blockBytes) {
        this(code, blockSize, blockBytes, null, null);
    }

    GgufType(int code, int blockSize, int blockBytes, ElementType element, QuantizedType quantized) {
        this.code = code;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.element = element;
        this.quantized = quantized;
    }

    /** Returns the type of a code; empty for codes that are withdrawn, newer than this list, or none at all. */
    static Optional<GgufType> of(long code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }

    int code() {
        return code;
    }

    int blockSize() {
        return blockSize;
    }

    int blockBytes() {
        return blockBytes;
    }

    /** Returns the element type of plain elements; empty for types of blocks. */
    Optional<ElementType> element() {
        return Optional.ofNullable(element);
    }

    /** Returns the layout of quantised blocks, if Retort can read it. */
    Optional<QuantizedType> quantized() {
        return Optional.ofNullable(quantized);
    }

    boolean isReadable() {
        return element != null || quantized != null;
    }
}
