package io.retort.tensor;

import io.retort.files.BadInput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * The table of contents of a mapped zip archive, also of one beyond 4 GiB, whose entries are stored as they are, so
 * that each is a slice of the mapping.
 */
final class ZipDirectory {
    static final String REMEDY = "the file is cut or damaged: fetch or write it again";
    private static final int END = 0x06054b50, END_64 = 0x06064b50, LOCATOR_64 = 0x07064b50;
    private static final int ENTRY = 0x02014b50, LOCAL = 0x04034b50;
    private static final int END_BYTES = 22, LOCATOR_BYTES = 20, END_64_BYTES = 56, ENTRY_BYTES = 46, LOCAL_BYTES = 30;
    private static final int LONGEST_COMMENT = 0xffff;
    private static final long LARGE = 0xffff_ffffL;
    private static final int LONGEST = 64 << 20;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MappedFile file;
    private final MemorySegment bytes;
    private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

    /** An entry of the archive as its table of contents gives it; {@code plain} if it is neither packed nor locked. */
    private record Entry(long header, long size, boolean plain) {
    }

    /**
     * An entry's bytes.
     *
     * @param offset where they start in the file
     */
    record Content(MemorySegment bytes, long offset) {
    }

    /**
     * Reads the table of contents.
     *
     * @throws BadInput if there is none, or it reaches beyond the file
     */
    ZipDirectory(MappedFile file) {
        this.file = file;
        this.bytes = file.bytes();
        long end = end();
        long size = u32(end + 12), at = u32(end + 16);
        long locator = end - LOCATOR_BYTES;
        if (locator >= 0 && bytes.get(INT, locator) == LOCATOR_64) {
            long wide = bytes.get(LONG, locator + 8);
            require(wide, END_64_BYTES, end, "the archive's end");
            if (bytes.get(INT, wide) != END_64) throw damaged(wide, "no end of a large archive where one should be");
            size = bytes.get(LONG, wide + 40);
            at = bytes.get(LONG, wide + 48);
        }
        require(at, size, end, "the table of contents");
        if (size > LONGEST) throw damaged(end, "a table of contents of " + size + " bytes");
        long limit = at + size;
        while (at < limit) at = readEntry(at, limit);
    }

    private long end() {
        long first = Math.max(0, bytes.byteSize() - END_BYTES - LONGEST_COMMENT);
        for (long at = bytes.byteSize() - END_BYTES; at >= first; at--) if (bytes.get(INT, at) == END) return at;
        throw BadInput.in(file.path(),
                "a zip archive, as PyTorch checkpoints are, without its table of contents: it is "
                        + "cut or damaged",
                FileFormat.SUPPORTED);
    }

    private long readEntry(long at, long limit) {
        require(at, ENTRY_BYTES, limit, "an entry");
        if (bytes.get(INT, at) != ENTRY) throw damaged(at, "no entry where the table of contents goes on");
        boolean plain = (u16(at + 8) & 1) == 0 && u16(at + 10) == 0;
        long packed = u32(at + 20), size = u32(at + 24), header = u32(at + 42);
        int name = u16(at + 28), extra = u16(at + 30), comment = u16(at + 32);
        long fields = at + ENTRY_BYTES + name, next = fields + extra + comment;
        require(at, next - at, limit, "an entry");
        for (long field = fields; field + 4 <= fields + extra; field += 4 + u16(field + 2)) {
            if (u16(field) != 1) continue;
            long wide = field + 4, last = Math.min(fields + extra, wide + u16(field + 2));
            if (size == LARGE && wide + 8 <= last) {
                size = bytes.get(LONG, wide);
                wide += 8;
            }
            if (packed == LARGE && wide + 8 <= last) wide += 8;
            if (header == LARGE && wide + 8 <= last) header = bytes.get(LONG, wide);
        }
        String called = new String(bytes.asSlice(at + ENTRY_BYTES, name).toArray(ValueLayout.JAVA_BYTE),
                StandardCharsets.UTF_8);
        entries.put(called, new Entry(header, size, plain));
        return next;
    }

    /** Returns the entries' names in the archive's order. */
    Iterable<String> names() {
        return entries.sequencedKeySet();
    }

    boolean has(String name) {
        return entries.containsKey(name);
    }

    /**
     * Returns an entry's bytes.
     *
     * @throws BadInput if it is not there, is compressed, or reaches beyond the file
     */
    Content content(String name) {
        Entry entry = entries.get(name);
        if (entry == null) throw BadInput.in(file.path(), "has no entry " + Quoted.name(name), REMEDY);
        if (!entry.plain) {
            throw BadInput.in(file.path(), "entry " + Quoted.name(name) + " is compressed, as torch.save never writes "
                    + "it", "write the file anew with torch.save");
        }
        long header = entry.header;
        require(header, LOCAL_BYTES, bytes.byteSize(), "entry " + Quoted.name(name));
        if (bytes.get(INT, header) != LOCAL) throw damaged(header, "entry " + Quoted.name(name) + " does not begin");
        long start = header + LOCAL_BYTES + u16(header + 26) + u16(header + 28);
        require(start, entry.size, bytes.byteSize(), "entry " + Quoted.name(name));
        return new Content(bytes.asSlice(start, entry.size), start);
    }

    private int u16(long at) {
        return Short.toUnsignedInt(bytes.get(SHORT, at));
    }

    private long u32(long at) {
        return Integer.toUnsignedLong(bytes.get(INT, at));
    }

    private void require(long at, long size, long limit, String what) {
        if (at < 0 || size < 0 || at > limit || size > limit - at) {
            throw damaged(Math.max(at, 0), what + " reaches beyond the file");
        }
    }

    private BadInput damaged(long at, String problem) {
        return BadInput.atOffset(file.path(), at, problem, REMEDY);
    }
}
