package io.retort.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Small weight files with the same two tensors, and ways to make and compare them. */
final class Samples {
    static final float[] FIRST = {1, 2, 3, 4, 5, 6};
    static final float[] SECOND = {Float.NaN, -0f};

    private Samples() {}

    /** What every format below holds. */
    static SequencedMap<String, Tensor> tensors() {
        var tensors = new LinkedHashMap<String, Tensor>();
        tensors.put("layer.weight", Tensor.of(FIRST, 2, 3));
        tensors.put("layer.bias", Tensor.of(SECOND, 2));
        return tensors;
    }

    enum Format {
        SAFETENSORS, GGUF, ONNX_RAW, ONNX_PACKED, ONNX_UNPACKED;

        byte[] bytes() {
            return switch (this) {
                case SAFETENSORS -> safetensors();
                case GGUF -> gguf();
                case ONNX_RAW -> onnx(first().bytes(9, Proto.littleEndian(FIRST)),
                        second().bytes(9, Proto.littleEndian(SECOND)));
                case ONNX_PACKED -> onnx(first().bytes(4, Proto.littleEndian(FIRST)),
                        second().bytes(4, Proto.littleEndian(SECOND)));
                case ONNX_UNPACKED ->
                    onnx(first().single(4, 1).single(4, 2).single(4, 3).single(4, 4).single(4, 5).single(4, 6),
                            second().single(4, SECOND[0]).single(4, SECOND[1]));
            };
        }

        private static Proto first() {
            return Proto.tensor("layer.weight", 1, 2, 3);
        }

        private static Proto second() {
            return Proto.tensor("layer.bias", 1, 2);
        }
    }

    static byte[] onnx(Proto... initializers) {
        var graph = new Proto().message(1, Proto.node("MatMul", "/layer/MatMul", "x", "layer.weight"));
        for (Proto initializer : initializers) graph.message(5, initializer);
        return Proto.model(graph).toBytes();
    }

    /** Parameters keep the names that the file has, which are those of no architecture. */
    private static byte[] gguf() {
        return GgufBytes.ofVersion(3).string("general.architecture", "llama").strings("words", "a", "", "b")
                .tensor("layer.weight", FIRST, 2, 3).tensor("layer.bias", SECOND, 2).toBytes();
    }

    private static byte[] safetensors() {
        try {
            Path file = Files.createTempFile("retort", ".safetensors");
            try {
                SafetensorsWriter.write(file, tensors(), Map.of("format", "pt"));
                return Files.readAllBytes(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A safetensors file of that header, byte for byte, and so many bytes of data. */
    static byte[] safetensors(String header, int data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json)
                .array();
    }

    static byte[] bytes(Tensor tensor) {
        byte[] bytes = new byte[(int) tensor.data().byteSize()];
        MemorySegment.copy(tensor.data(), 0, MemorySegment.ofArray(bytes), 0, bytes.length);
        return bytes;
    }

    static boolean same(Tensor a, Tensor b) {
        return a.type() == b.type() && a.shape().equals(b.shape()) && a.data().mismatch(b.data()) < 0;
    }

    static Tensor half(ElementType type, short... bits) {
        MemorySegment data = MemorySegment.ofArray(new byte[2 * bits.length]);
        for (int i = 0; i < bits.length; i++) data.setAtIndex(Tensor.SHORT, i, bits[i]);
        return new Tensor(type, Shape.of(bits.length), data);
    }

}
