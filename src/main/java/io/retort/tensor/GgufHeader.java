package io.retort.tensor;

import io.retort.files.BadInput;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Everything of a GGUF file before its data: {@code GGUF}, a version, the counts of tensors and of metadata; the
 * metadata, each a key, a type and a value; the tensors, each a name, a shape, a type and where it starts in the data.
 * The data start at the next multiple of {@code general.alignment}, as does each tensor in them.
 *
 * @param version 2 or 3, which differ in nothing that is read here
 * @param entries in the file's order
 * @param dataStart where the data start in the file, in bytes
 */
record GgufHeader(int version, GgufMetadata metadata, SequencedMap<String, GgufEntry> entries, long dataStart) {
    static final String MAGIC = "GGUF";

    private static final String ALIGNMENT = "general.alignment";
    private static final int DEFAULT_ALIGNMENT = 32;
    /** The most bytes of a key, by the format's own limit; names of tensors are shorter. */
    private static final int LONGEST_NAME = (1 << 16) - 1;
    /** The bytes that an entry of the metadata takes at least: those of a key, a type and a value of one byte. */
    private static final int LEAST_METADATA_BYTES = GgufCursor.SHORTEST_TEXT + Integer.BYTES + 1;

    /**
     * Reads and checks everything before the data.
     *
     * @throws BadInput if the file is not well-formed, or its tensors are not exactly the bytes that it has
     */
    static GgufHeader read(MappedFile file) {
        var cursor = new GgufCursor(file, MAGIC.length());
        int version = version(file, cursor);
        long tensors = cursor.count("tensors", GgufEntry.LEAST_BYTES);
        long keys = cursor.count("keys of metadata", LEAST_METADATA_BYTES);
        GgufMetadata metadata = metadata(file, cursor, keys);
        SequencedMap<String, GgufEntry> entries = entries(cursor, tensors);
        long alignment = metadata.integer(ALIGNMENT).orElse(DEFAULT_ALIGNMENT);
        if (alignment <= 0 || alignment > 1 << 30 || Long.bitCount(alignment) != 1) {
            throw BadInput.in(file.path(), ALIGNMENT + " is " + alignment + ", not a power of two", GgufCursor.REMEDY);
        }
        var header = new GgufHeader(version, metadata, entries, aligned(cursor.position(), alignment));
        header.checkCoverage(file, cursor, alignment);
        return header;
    }

    private static int version(MappedFile file, GgufCursor cursor) {
        int version = cursor.int32();
        if (version == 2 || version == 3) return version;
        boolean bigEndian = version != 0 && (version & 0xFFFF) == 0;
        throw BadInput.atOffset(file.path(), MAGIC.length(),
                bigEndian ? "a big-endian GGUF file" : "GGUF version " + Integer.toUnsignedString(version),
                "versions 2 and 3 are read, little-endian: convert the model again");
    }

    private static GgufMetadata metadata(MappedFile file, GgufCursor cursor, long count) {
        var values = new LinkedHashMap<String, GgufValue>();
        for (long i = 0; i < count; i++) {
            long at = cursor.position();
            String key = name(cursor, "key");
            if (values.put(key, GgufValue.read(cursor)) != null) {
                throw cursor.refusal(at, "metadata " + Quoted.name(key) + " stands there twice");
            }
        }
        return new GgufMetadata(file, values);
    }

    private static SequencedMap<String, GgufEntry> entries(GgufCursor cursor, long count) {
        var entries = new LinkedHashMap<String, GgufEntry>();
        for (long i = 0; i < count; i++) {
            GgufEntry entry = GgufEntry.read(cursor);
            if (entries.put(entry.info().name(), entry) != null) {
                throw cursor.refusal(entry.at(), "two tensors named " + Quoted.name(entry.info().name()));
            }
        }
        return entries;
    }

    /** Reads the name of a tensor, or a key. */
    static String name(GgufCursor cursor, String what) {
        long at = cursor.position();
        String name = cursor.text(LONGEST_NAME);
        if (name.isEmpty()) throw cursor.refusal(at, "a " + what + " without a name");
        return name;
    }

    /**
     * Checks that the tensors, in order of their offsets, cover the data: each starts where the one before it ends, at
     * the next multiple of the alignment. The padding after the last one may be missing.
     */
    private void checkCoverage(MappedFile file, GgufCursor cursor, long alignment) {
        List<GgufEntry> ordered = entries.values().stream()
                .sorted(Comparator.comparingLong(GgufEntry::start).thenComparingLong(GgufEntry::end)).toList();
        long headerEnd = cursor.position();
        long end = headerEnd;
        long covered = 0;
        boolean known = true;
        for (GgufEntry entry : ordered) {
            boolean fits = known ? entry.start() == covered : entry.start() >= covered;
            long room = file.size() - dataStart;
            if (!fits || entry.bytes() > room || entry.start() > room - entry.bytes()) {
                throw cursor.refusal(entry.at(), "tensor " + Quoted.name(entry.info().name()) + " is "
                        + entry.typeName() + entry.info().shape() + ", " + entry.bytes() + " bytes from byte "
                        + entry.start() + " of the data, where " + covered + " is the next free and "
                        + Math.max(0, room)
                        + " are there");
            }
            known = entry.type().isPresent();
            end = dataStart + entry.end();
            covered = aligned(entry.end(), alignment);
        }
        boolean whole = file.size() == end || file.size() == aligned(end, alignment);
        if (known && !whole) {
            throw cursor.refusal(end, "the file has " + file.size() + " bytes, its tensors end here");
        }
    }

    private static long aligned(long offset, long alignment) {
        return (offset + alignment - 1) / alignment * alignment;
    }

    MemorySegment bytes(MappedFile file, GgufEntry entry) {
        return file.bytes().asSlice(dataStart + entry.start(), entry.bytes());
    }
}
