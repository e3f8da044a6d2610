package io.retort.tensor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A GGUF file written by hand: metadata and tensors in the order in which they are added. */
public final class GgufBytes {
    private final Part metadata = new Part();
    private final Part infos = new Part();
    private final Part data = new Part();
    private final int version;
    private final int alignment;
    private int keys;
    private int tensors;

    GgufBytes(int version, int alignment) {
        this.version = version;
        this.alignment = alignment;
        if (alignment != 32) metadata("general.alignment", GgufValueType.UINT32, new Part().i32(alignment));
    }

    public static GgufBytes ofVersion(int version) {
        return new GgufBytes(version, 32);
    }

    /** Little-endian numbers and strings, one after the other. */
    static final class Part {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Part i8(int value) {
            out.write(value);
            return this;
        }

        Part i32(int value) {
            out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
            return this;
        }

        Part i64(long value) {
            out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
            return this;
        }

        Part text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            i64(bytes.length).out.writeBytes(bytes);
            return this;
        }

        /** The start of an array's value. */
        Part array(GgufValueType elements, long count) {
            return i32(elements.code()).i64(count);
        }

        Part pad(int alignment) {
            while (out.size() % alignment != 0) out.write(0);
            return this;
        }

        byte[] toBytes() {
            return out.toByteArray();
        }
    }

    GgufBytes metadata(String key, GgufValueType type, Part value) {
        metadata.text(key).i32(type.code()).out.writeBytes(value.toBytes());
        keys++;
        return this;
    }

    public GgufBytes string(String key, String value) {
        return metadata(key, GgufValueType.STRING, new Part().text(value));
    }

    public GgufBytes integer(String key, int value) {
        return metadata(key, GgufValueType.UINT32, new Part().i32(value));
    }

    public GgufBytes bool(String key, boolean value) {
        return metadata(key, GgufValueType.BOOL, new Part().i8(value ? 1 : 0));
    }

    public GgufBytes real(String key, double value) {
        return metadata(key, GgufValueType.FLOAT32, new Part().i32(Float.floatToIntBits((float) value)));
    }

    public GgufBytes integers(String key, int... values) {
        var part = new Part().array(GgufValueType.INT32, values.length);
        for (int value : values) part.i32(value);
        return metadata(key, GgufValueType.ARRAY, part);
    }

    public GgufBytes reals(String key, float... values) {
        var part = new Part().array(GgufValueType.FLOAT32, values.length);
        for (float value : values) part.i32(Float.floatToIntBits(value));
        return metadata(key, GgufValueType.ARRAY, part);
    }

    public GgufBytes strings(String key, String... values) {
        var part = new Part().array(GgufValueType.STRING, values.length);
        for (String value : values) part.text(value);
        return metadata(key, GgufValueType.ARRAY, part);
    }

    /** A tensor whose bytes follow those of the one before. */
    public GgufBytes tensor(String name, int type, byte[] bytes, int... dims) {
        data.pad(alignment);
        infos.text(name).i32(dims.length);
        for (int i = dims.length - 1; i >= 0; i--) infos.i64(dims[i]);
        infos.i32(type).i64(data.out.size());
        data.out.writeBytes(bytes);
        tensors++;
        return this;
    }

    /** A tensor of blocks whose bytes are all alike, by the type's name; their scales are small and finite. */
    public GgufBytes blocks(String name, String type, int rows, int columns) {
        GgufType blocks = GgufType.valueOf(type);
        byte[] bytes = new byte[rows * columns / blocks.blockSize() * blocks.blockBytes()];
        Arrays.fill(bytes, (byte) 0x11);
        return tensor(name, blocks.code(), bytes, rows, columns);
    }

    public GgufBytes tensor(String name, float[] values, int... dims) {
        return tensor(name, 0, Proto.littleEndian(values), dims);
    }

    /** The file without padding after its last tensor. */
    public byte[] toBytes() {
        var file = new Part();
        file.out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        file.i32(version).i64(tensors).i64(keys);
        file.out.writeBytes(metadata.toBytes());
        file.out.writeBytes(infos.toBytes());
        file.pad(alignment).out.writeBytes(data.toBytes());
        return file.toBytes();
    }

    /** The file with padding after its last tensor, as most writers leave it. */
    byte[] toPaddedBytes() {
        byte[] bytes = toBytes();
        return Arrays.copyOf(bytes, (bytes.length + alignment - 1) / alignment * alignment);
    }
}
