package io.retort.search;

import io.retort.files.BadInput;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The end of an index file, as {@link ResponseIndex} describes it: CRC32C of each block of the file, and of those
 * checksums.
 */
record IndexFooter(int[] checksums) {
    static final byte[] MAGIC = "RETORTFT".getBytes(StandardCharsets.US_ASCII);
    private static final String REMEDY = "copy it again from its source or make it anew with `retort index`";

    ByteBuffer encode(IndexLayout layout) {
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(layout.footerBytes())).order(ByteOrder.LITTLE_ENDIAN);
        for (int checksum : checksums) out.putInt(checksum);
        out.put(MAGIC).putLong(layout.fileBytes()).putInt(checksums.length).putInt(IndexLayout.BLOCK_BYTES).putInt(0);
        int end = out.position();
        return out.putInt(IndexHeader.checksum(out.duplicate().position(0).limit(end))).position(0);
    }

    /** Reads the footer of a file that has the length its header announces. */
    static IndexFooter decode(Path file, MemorySegment data, IndexLayout layout) {
        ByteBuffer in = data.asSlice(layout.footer()).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        int[] checksums = new int[layout.blocks()];
        for (int i = 0; i < checksums.length; i++) checksums[i] = in.getInt();
        IndexFooter footer = new IndexFooter(checksums);
        if (!footer.encode(layout).equals(in.position(0))) {
            throw BadInput.atOffset(file, layout.footer(), "the footer is damaged", REMEDY);
        }
        return footer;
    }

    /** Computes the checksum of a block of the file. */
    static int checksum(MemorySegment data, IndexLayout layout, int block) {
        long from = (long) block * IndexLayout.BLOCK_BYTES;
        long length = Math.min(IndexLayout.BLOCK_BYTES, layout.footer() - from);
        return IndexHeader.checksum(data.asSlice(from, length).asByteBuffer());
    }

    /**
     * @throws BadInput if the block is not as it was written
     */
    void verify(Path file, MemorySegment data, IndexLayout layout, int block) {
        if (checksum(data, layout, block) == checksums[block]) return;
        long from = (long) block * IndexLayout.BLOCK_BYTES;
        long to = Math.min(from + IndexLayout.BLOCK_BYTES, layout.footer());
        String sections = layout.sectionAt(from).equals(layout.sectionAt(to - 1))
                ? layout.sectionAt(from)
                : layout.sectionAt(from) + " to " + layout.sectionAt(to - 1);
        throw BadInput.atOffset(file, from, "damaged between here and byte " + to + " (" + sections + ")", REMEDY);
    }
}
