package io.retort.tensor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.retort.files.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Writes tensors as a safetensors file: crash-safe, one tensor in memory at a time, the same bytes for the same
 * tensors. The header lists them in the given order; the data begin at a multiple of 64 bytes and hold wider element
 * types first (in the given order among equals), so that every element of a mapped file is aligned. Static methods, any
 * thread.
 */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 64;
    private static final int CHUNK = 1 << 20;
    private static final JsonFactory JSON = new JsonFactory();

    private SafetensorsWriter() {}

    /** A tensor together with the type in which it is to be stored, to which it is converted when it is written. */
    private record Stored(ParameterValue value, ElementType type) {
        long bytes() {
            return Math.multiplyExact(value.shape().size(), type.bytes());
        }
    }

    /**
     * Writes {@code tensors} in their own element types.
     *
     * @param metadata kept under {@code __metadata__}, sorted by key; may be empty
     * @throws IllegalArgumentException for names that the format cannot hold
     */
    public static void write(Path file, SequencedMap<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        SequencedMap<String, Stored> stored = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> stored.put(name, new Stored(tensor, tensor.type())));
        writeStored(file, stored, metadata);
    }

    /**
     * Writes {@code tensors} with every floating-point one converted to {@code floats}, rounding to nearest, ties to
     * even; integer tensors keep their type. Those that are made when they are asked for are made one after the other.
     */
    public static void write(Path file, SequencedMap<String, ? extends ParameterValue> tensors,
            Map<String, String> metadata, ElementType floats) throws IOException {
        if (!floats.isFloating()) throw new IllegalArgumentException(floats + " is not a floating-point type");
        SequencedMap<String, Stored> stored = new LinkedHashMap<>();
        tensors.forEach((name, value) -> stored.put(name, new Stored(value,
                value instanceof Tensor tensor && !tensor.type().isFloating() ? tensor.type() : floats)));
        writeStored(file, stored, metadata);
    }

    private static void writeStored(Path file, SequencedMap<String, Stored> tensors, Map<String, String> metadata)
            throws IOException {
        List<String> layout = layout(tensors);
        byte[] header = header(tensors, layout, metadata);
        try (AtomicFile out = AtomicFile.create(file)) {
            writeFully(out.channel(), ByteBuffer.wrap(header));
            ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
            for (String name : layout) {
                Stored stored = tensors.get(name);
                writeData(out.channel(), stored.value.plain().to(stored.type).data(), chunk);
            }
            out.commit();
        }
    }

    private static List<String> layout(SequencedMap<String, Stored> tensors) {
        // Stable: equals keep their order.
        return tensors.sequencedEntrySet().stream()
                .sorted(Comparator.comparingInt(entry -> -entry.getValue().type.bytes())).map(Map.Entry::getKey)
                .toList();
    }

    /** Returns the bytes before the data: the header's length, its JSON, and spaces up to where the data begin. */
    private static byte[] header(SequencedMap<String, Stored> tensors, List<String> layout,
            Map<String, String> metadata)
            throws IOException {
        Map<String, Long> begins = new LinkedHashMap<>();
        long end = 0;
        for (String name : layout) {
            begins.put(name, end);
            end = Math.addExact(end, tensors.get(name).bytes());
        }
        byte[] json = json(tensors, begins, metadata);
        int length = Math.ceilDiv(SafetensorsHeader.PREFIX + json.length, ALIGNMENT) * ALIGNMENT;
        if (length - SafetensorsHeader.PREFIX > SafetensorsHeader.LONGEST) {
            throw new IllegalArgumentException("a header of " + length + " bytes, readers stop at "
                    + SafetensorsHeader.LONGEST);
        }
        byte[] header = new byte[length];
        Arrays.fill(header, (byte) ' ');
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(length - SafetensorsHeader.PREFIX).put(json);
        return header;
    }

    private static byte[] json(SequencedMap<String, Stored> tensors, Map<String, Long> begins,
            Map<String, String> metadata) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) writeMetadata(json, metadata);
            for (var entry : tensors.entrySet()) {
                writeEntry(json, entry.getKey(), entry.getValue(), begins.get(entry.getKey()));
            }
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static void writeMetadata(JsonGenerator json, Map<String, String> metadata) throws IOException {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (var entry : new TreeMap<>(metadata).entrySet()) {
            json.writeStringField(encodable(entry.getKey()), encodable(entry.getValue()));
        }
        json.writeEndObject();
    }

    private static void writeEntry(JsonGenerator json, String name, Stored stored, long begin) throws IOException {
        if (name.equals(SafetensorsHeader.METADATA)) throw new IllegalArgumentException(name + " names no tensor");
        int[] dims = stored.value.shape().toArray();
        json.writeObjectFieldStart(encodable(name));
        json.writeStringField("dtype", stored.type.name());
        json.writeFieldName("shape");
        json.writeArray(dims, 0, dims.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[]{begin, begin + stored.bytes()}, 0, 2);
        json.writeEndObject();
    }

    private static String encodable(String string) {
        if (StandardCharsets.UTF_8.newEncoder().canEncode(string)) return string;
        throw new IllegalArgumentException("half a surrogate pair in " + Quoted.name(string));
    }

    private static void writeData(FileChannel out, MemorySegment data, ByteBuffer chunk) throws IOException {
        MemorySegment view = MemorySegment.ofBuffer(chunk.clear());
        for (long at = 0; at < data.byteSize(); at += CHUNK) {
            int length = (int) Math.min(CHUNK, data.byteSize() - at);
            MemorySegment.copy(data, at, view, 0, length);
            writeFully(out, chunk.clear().limit(length));
        }
    }

    private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) out.write(bytes);
    }
}
