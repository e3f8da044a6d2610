package io.retort.tensor;

import io.retort.files.BadInput;
import java.nio.ByteOrder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Table of contents of a safetensors file. The file is: length of the header (8 bytes, little-endian, unsigned); the
 * header, a JSON object padded with spaces; the data. The header maps each name to {@code {"dtype": "F32", "shape": [2,
 * 3], "data_offsets": [0, 24]}}, with offsets counted from the start of the data, and {@code __metadata__} to an object
 * of strings.
 *
 * @param entries in the header's order; together they cover the data without holes or overlaps
 * @param dataStart where the data start in the file, in bytes
 */
record SafetensorsHeader(SequencedMap<String, Entry> entries, Map<String, String> metadata, long dataStart) {
    static final String METADATA = "__metadata__";
    /** The bytes of the length that stands before the header. */
    static final int PREFIX = 8;
    /** The longest header that is read or written, in bytes; the reference implementation has the same limit. */
    static final int LONGEST = 100_000_000;

    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final String REMEDY = "the file is damaged or not safetensors: fetch or write it again";

    /** A tensor and where its bytes begin and end, counted from the start of the data. */
    record Entry(TensorInfo info, long begin, long end) {}

    /**
     * Reads and checks the header of a mapped file.
     *
     * @throws BadInput if the header is not one, or does not describe exactly the bytes that follow it
     */
    static SafetensorsHeader read(MappedFile file) {
        int length = length(file);
        byte[] json = file.bytes().asSlice(PREFIX, length).toArray(ValueLayout.JAVA_BYTE);
        var reader = new SafetensorsHeaderReader(file.path(), json);
        reader.read();
        var header = new SafetensorsHeader(reader.entries(), reader.metadata(), PREFIX + (long) length);
        header.checkCoverage(file);
        return header;
    }

    /** Returns whether the first 8 bytes may be a header's length. */
    static boolean hasPlausibleLength(MappedFile file) {
        return Long.compareUnsigned(file.bytes().get(LENGTH, 0), LONGEST) <= 0;
    }

    private static int length(MappedFile file) {
        if (file.size() < PREFIX) {
            throw BadInput.in(file.path(), "only " + file.size() + " bytes, too short for safetensors", REMEDY);
        }
        long length = file.bytes().get(LENGTH, 0);
        long room = file.size() - PREFIX;
        if (length < 0 || length > room) {
            throw BadInput.atOffset(file.path(), 0,
                    "header of " + Long.toUnsignedString(length) + " bytes, but " + room + " follow", REMEDY);
        }
        if (length > LONGEST) {
            throw BadInput.atOffset(file.path(), 0, "header of " + length + " bytes, at most " + LONGEST + " are read",
                    REMEDY);
        }
        return (int) length;
    }

    /**
     * Checks that the entries, in order of their offsets, cover the data exactly: no byte is left out and none is
     * shared.
     */
    private void checkCoverage(MappedFile file) {
        List<Entry> ordered = entries.values().stream()
                .sorted((a, b) -> a.begin != b.begin ? Long.compare(a.begin, b.begin) : Long.compare(a.end, b.end))
                .toList();
        long covered = 0;
        for (Entry entry : ordered) {
            if (entry.begin != covered) {
                throw BadInput.atOffset(file.path(), dataStart + covered,
                        "tensor " + Quoted.name(entry.info.name()) + " starts at byte " + entry.begin
                                + " of the data, but the one before it ends at " + covered,
                        REMEDY);
            }
            covered = entry.end;
        }
        long data = file.size() - dataStart;
        if (covered != data) {
            throw BadInput.atOffset(file.path(), dataStart + Math.min(covered, data),
                    "the header describes " + covered + " bytes of data, the file has " + data, REMEDY);
        }
    }

    MemorySegment bytes(MappedFile file, Entry entry) {
        return file.bytes().asSlice(dataStart + entry.begin, entry.end - entry.begin);
    }
}
