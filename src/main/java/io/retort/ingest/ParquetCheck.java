package io.retort.ingest;

import dev.hardwood.InputFile;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.ColumnMetaData;
import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.RowGroup;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import it.unimi.dsi.fastutil.longs.LongSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Looks through a Parquet file's own descriptions before its library believes them: it makes room for as much as a
 * description says, whatever the file's size.
 */
final class ParquetCheck {
    /** Bytes of a footer, and of a page as it is unpacked. Writers make pages of one MiB or little more. */
    private static final int MOST_FOOTER = 64 << 20;
    private static final int MOST_PAGE = 64 << 20;
    private static final int MOST_VALUES = 16 << 20;
    private static final int MOST_HEADER = 1 << 20;
    private static final int DICTIONARY = 2;
    private static final int DATA_V2 = 3;
    private static final int TAIL = 8;

    private final InputFile file;

    ParquetCheck(InputFile file) {
        this.file = file;
    }

    /** Checks the footer, which the library reads first. */
    void footer() throws IOException {
        long length = file.length();
        if (length < TAIL + 4) throw new IOException("it is cut");
        ByteBuffer tail = file.readRange(length - TAIL, TAIL).order(ByteOrder.LITTLE_ENDIAN);
        int size = tail.getInt();
        int magic = tail.getInt();
        if (magic != 0x31524150) throw new IOException("it is cut, or not Parquet: its end is not PAR1");
        if (size < 0 || size > length - TAIL - 4 || size > MOST_FOOTER) {
            throw new IOException("its footer would have " + size + " bytes");
        }
        ThriftFields.read(file.readRange(length - TAIL - size, size));
    }

    /** Checks the pages of a group of rows. */
    void pages(RowGroup group) throws IOException {
        if (group.numRows() < 0) throw new IOException("it would have " + group.numRows() + " rows");
        for (ColumnChunk chunk : group.columns()) pages(chunk);
    }

    private void pages(ColumnChunk chunk) throws IOException {
        ColumnMetaData column = chunk.metaData();
        long at = chunk.chunkStartOffset();
        long size = column.totalCompressedSize();
        if (at < 0 || size < 0 || at > file.length() - size) {
            throw new IOException("column " + column.pathInSchema() + " lies outside of the file");
        }
        long end = at + size;
        LongSet starts = new LongOpenHashSet();
        while (at < end) {
            starts.add(at);
            ByteBuffer head = file.readRange(at, (int) Math.min(MOST_HEADER, end - at));
            ThriftFields page = ThriftFields.readPlain(head);
            long packed = page.number(3, -1);
            long unpacked = page.number(2, -1);
            at += head.position();
            if (packed < 0 || packed > end - at || unpacked < 0 || unpacked > MOST_PAGE) {
                throw new IOException("a page of column " + column.pathInSchema() + " would have " + unpacked
                        + " bytes, packed into " + packed);
            }
            long count = page.number(5, 1, page.number(7, 1, page.number(8, 1, 0)));
            boolean isDictionary = page.number(1, 0) == DICTIONARY;
            if (count < 0 || count > (isDictionary ? unpacked : MOST_VALUES)) {
                throw new IOException("a page of column " + column.pathInSchema() + " would have " + count + " values");
            }
            for (int levels : List.of(5, 6)) {
                long bytes = page.number(8, levels, 0);
                if (bytes < 0 || bytes > unpacked) throw new IOException("a page's levels are longer than the page");
            }
            if (column.codec() == CompressionCodec.SNAPPY) snappy(page, at, (int) packed, unpacked);
            at += packed;
        }
        if (!starts.contains(column.dataPageOffset())) throw new IOException("no page where the data should begin");
        if (chunk.offsetIndexOffset() == null || chunk.offsetIndexLength() == null) return;
        ThriftFields index = ThriftFields.read(file.readRange(chunk.offsetIndexOffset(), chunk.offsetIndexLength()));
        for (long offset : index.offsets()) {
            if (!starts.contains(offset)) throw new IOException("an index of pages names a place where none begins");
        }
    }

    /**
     * Snappy writes as many bytes as its data say, whatever the room that was made for them, so that must be what the
     * page's header says.
     */
    private void snappy(ThriftFields page, long at, int packed, long unpacked) throws IOException {
        long levels = 0;
        if (page.number(1, 0) == DATA_V2) {
            levels = page.number(8, 5, 0) + page.number(8, 6, 0);
            if (page.number(8, 7, 1) == 0 || levels == packed) return;
        }
        if (levels > packed) throw new IOException("a page's levels are longer than the page");
        ByteBuffer data = file.readRange(at + levels, (int) Math.min(5, packed - levels));
        long length = 0;
        for (int shift = 0; data.hasRemaining(); shift += 7) {
            int next = data.get();
            length |= (long) (next & 0x7f) << shift;
            if (next >= 0) break;
        }
        if (length != unpacked - levels) {
            throw new IOException("a page's Snappy data would have " + length + " bytes, its header says "
                    + (unpacked - levels));
        }
    }
}
