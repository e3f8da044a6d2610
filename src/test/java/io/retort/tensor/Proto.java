package io.retort.tensor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A protobuf message written by hand, field after field. */
final class Proto {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Proto tag(int field, int wireType) {
        return raw((long) field << 3 | wireType);
    }

    Proto integer(int field, long value) {
        return tag(field, 0).raw(value);
    }

    Proto bytes(int field, byte... bytes) {
        tag(field, 2).raw(bytes.length).out.writeBytes(bytes);
        return this;
    }

    Proto text(int field, String text) {
        return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Proto message(int field, Proto message) {
        return bytes(field, message.toBytes());
    }

    Proto packed(int field, long... numbers) {
        var content = new Proto();
        for (long number : numbers) content.raw(number);
        return message(field, content);
    }

    Proto single(int field, float number) {
        tag(field, 5).out.writeBytes(littleEndian(number));
        return this;
    }

    /** A varint without a tag. */
    Proto raw(long value) {
        long rest = value;
        for (; (rest & ~0x7FL) != 0; rest >>>= 7) out.write((int) (rest & 0x7F | 0x80));
        out.write((int) rest);
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    static byte[] littleEndian(float... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : numbers) bytes.putFloat(number);
        return bytes.array();
    }

    /** An ONNX model around a graph. */
    static Proto model(Proto graph) {
        return new Proto().integer(1, 8).text(2, "retort-test").message(7, graph);
    }

    /** The start of an ONNX tensor: name, type, dimensions. */
    static Proto tensor(String name, int type, long... dims) {
        var tensor = new Proto();
        for (long dim : dims) tensor.integer(1, dim);
        return tensor.integer(2, type).text(8, name);
    }

    /** An ONNX node with one output. */
    static Proto node(String opType, String name, String... inputs) {
        var node = new Proto();
        for (String input : inputs) node.text(1, input);
        return node.text(2, name + "_output_0").text(3, name).text(4, opType);
    }

    static Proto integerAttribute(String name, long value) {
        return new Proto().text(1, name).integer(3, value).integer(20, 2);
    }
}
