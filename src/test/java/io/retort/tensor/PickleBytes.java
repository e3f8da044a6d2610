package io.retort.tensor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes pickles operation by operation, and the two containers of {@code torch.save} around them. */
final class PickleBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    static PickleBytes start() {
        return new PickleBytes().raw(0x80, 2);
    }

    PickleBytes raw(int... values) {
        for (int value : values) bytes.write(value);
        return this;
    }

    PickleBytes text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        raw('X').little(utf8.length, 4);
        bytes.writeBytes(utf8);
        return this;
    }

    PickleBytes integer(long value) {
        if (value >= 0 && value < 256) return raw('K', (int) value);
        return raw('J').little(value, 4);
    }

    PickleBytes global(String module, String name) {
        bytes.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    PickleBytes little(long value, int width) {
        for (int i = 0; i < width; i++) bytes.write((int) (value >>> 8 * i));
        return this;
    }

    /** A tensor of floats over a storage. */
    PickleBytes tensor(String key, long elements, long offset, int[] sizes, int[] strides) {
        global("torch._utils", "_rebuild_tensor_v2").raw('(', '(').text("storage").global("torch", "FloatStorage")
                .text(key).text("cpu").integer(elements).raw('t', 'Q').integer(offset).raw('(');
        for (int size : sizes) integer(size);
        raw('t', '(');
        for (int stride : strides) integer(stride);
        return raw('t', 0x89).global("collections", "OrderedDict").raw(')', 'R', 't', 'R');
    }

    byte[] stop() {
        raw('.');
        return bytes.toByteArray();
    }

    /** A checkpoint such as ParlAI's: a state dict beside the state of an optimiser and options. */
    static byte[] checkpoint() {
        return start().raw('}', 'q', 0, '(').text("model").global("collections", "OrderedDict").raw(')', 'R', 'q', 1,
                '(').text("a.weight").tensor("0", 6, 0, new int[]{2, 3}, new int[]{3, 1}).raw('q', 2)
                .text("a.transposed").tensor("0", 6, 0, new int[]{3, 2}, new int[]{1, 3}).text("b.bias")
                .tensor("1", 4, 1, new int[]{3}, new int[]{1}).raw('u', '}').text("_metadata").raw('N', 's', 'b')
                .text("rates").raw(']', '(', 'G').little(0, 8).raw(0x8a, 2, 1, 2, 'e').text("same").raw('h', 2)
                .text("flags").raw(0x88, 0x89, 0x86).text("best").global("numpy.core.multiarray", "scalar")
                .global("numpy", "dtype").text("f8").raw(0x89, 0x88, 0x87, 'R', '(').integer(3).text("<")
                .raw('N', 'N', 'N', 'J', 255, 255, 255, 255, 'J', 255, 255, 255, 255, 'K', 0, 't', 'b')
                .global("_codecs", "encode").text("12345678").text("latin1").raw(0x86, 'R', 0x86, 'R').text("opt")
                .global("parlai.core.opt", "Opt").raw(')', 0x81, '(').raw(']', ']', '}').text("n").raw('K', 4, 's', 't',
                        'b', 'u')
                .stop();
    }

    static byte[] floats(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) buffer.putFloat(value);
        return buffer.array();
    }

    static Map<String, byte[]> storages() {
        var storages = new LinkedHashMap<String, byte[]>();
        storages.put("0", floats(1, 2, 3, 4, 5, 6));
        storages.put("1", floats(7, 8, 9, 10));
        return storages;
    }

    /** The archive that {@code torch.save} writes since PyTorch 1.6. */
    static byte[] zip(byte[] pickle, Map<String, byte[]> storages) {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            var entries = new LinkedHashMap<String, byte[]>();
            entries.put("archive/data.pkl", pickle);
            entries.put("archive/byteorder", "little".getBytes(StandardCharsets.UTF_8));
            storages.forEach((key, data) -> entries.put("archive/data/" + key, data));
            for (var entry : entries.entrySet()) {
                var stored = new ZipEntry(entry.getKey());
                var crc = new CRC32();
                crc.update(entry.getValue());
                stored.setMethod(ZipEntry.STORED);
                stored.setSize(entry.getValue().length);
                stored.setCrc(crc.getValue());
                stored.setTime(0);
                zip.putNextEntry(stored);
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** The stream that {@code torch.save} wrote before PyTorch 1.6. */
    static byte[] stream(byte[] pickle, Map<String, byte[]> storages) {
        var out = new ByteArrayOutputStream();
        out.writeBytes((PyTorchFile.STREAM + ".").getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(start().raw('M', 0xe9, 0x03).stop());
        out.writeBytes(start().raw('}').text("little_endian").raw(0x88, 's').stop());
        out.writeBytes(pickle);
        var keys = start().raw(']', '(');
        storages.keySet().forEach(keys::text);
        out.writeBytes(keys.raw('e').stop());
        storages.values().forEach(data -> {
            out.writeBytes(new PickleBytes().little(data.length / 4, 8).bytes.toByteArray());
            out.writeBytes(data);
        });
        return out.toByteArray();
    }
}
