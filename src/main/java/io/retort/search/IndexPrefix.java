package io.retort.search;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;

/**
 * All of an index before its vectors, which is known before the first of them: header, metadata, text offsets, texts,
 * and the replies' own metadata and contexts if any has some.
 */
final class IndexPrefix {
    private static final int CHUNK_BYTES = 1 << 20;

    private final IndexLayout layout;
    private final ByteBuffer header;
    private final byte[] metadata;
    private final long[] textOffsets;
    private final long[] metadataOffsets;
    private final long[] contextOffsets;
    private final RowContents rows;

    private IndexPrefix(IndexSpec spec, byte[] metadata, long[] textOffsets, long[] metadataOffsets,
            long[] contextOffsets, RowContents rows) {
        this.metadata = metadata;
        this.textOffsets = textOffsets;
        this.metadataOffsets = metadataOffsets;
        this.contextOffsets = contextOffsets;
        this.rows = rows;
        long stride = spec.rows().stride(spec.dims());
        long metadataBytes = metadataOffsets[rows.size()], contextBytes = contextOffsets[rows.size()];
        boolean hasContexts = contextBytes > 0;
        this.layout = new IndexLayout(rows.size(), stride, metadata.length, textOffsets[rows.size()],
                metadataBytes == 0 && !hasContexts ? IndexLayout.NONE : metadataBytes,
                hasContexts ? contextBytes : IndexLayout.NONE);
        this.header = new IndexHeader(spec.rows(), spec.metric(), RowKeys.ROW_NUMBER, spec.dims(), spec.model(),
                layout).encode();
    }

    static IndexPrefix of(IndexSpec spec, RowContents rows) {
        if (rows.size() == 0) throw BadInput.of("there are no replies to index", "give data that holds some");
        long[] textOffsets = new long[rows.size() + 1], metadataOffsets = new long[rows.size() + 1];
        long[] contextOffsets = new long[rows.size() + 1];
        for (int r = 0; r < rows.size(); r++) {
            textOffsets[r + 1] = textOffsets[r] + utf8(rows.texts().get(r), r).remaining();
            metadataOffsets[r + 1] = metadataOffsets[r] + rows.metadata().get(r).length;
            contextOffsets[r + 1] = contextOffsets[r] + rows.contexts().get(r).length;
        }
        byte[] metadata = spec.metadata().toString().getBytes(StandardCharsets.UTF_8);
        return new IndexPrefix(spec, metadata, textOffsets, metadataOffsets, contextOffsets, rows);
    }

    private static ByteBuffer utf8(String reply, int row) {
        CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder(); // reports lone surrogates, unlike getBytes
        try {
            return encoder.encode(CharBuffer.wrap(reply));
        } catch (CharacterCodingException e) {
            throw BadInput.of("reply " + row + " holds half a surrogate pair", "repair the text").causedBy(e);
        }
    }

    IndexLayout layout() {
        return layout;
    }

    void writeTo(FileChannel channel) throws IOException {
        chunks((chunk, offset) -> {
            write(channel, chunk, offset);
            return true;
        });
    }

    boolean isAtStartOf(FileChannel channel) throws IOException {
        ByteBuffer there = ByteBuffer.allocate(CHUNK_BYTES);
        return chunks((chunk, offset) -> {
            while (chunk.hasRemaining()) {
                there.clear().limit(Math.min(there.capacity(), chunk.remaining()));
                int read = channel.read(there, offset);
                if (read <= 0) return false;
                if (!there.flip().equals(chunk.slice(chunk.position(), read))) return false;
                chunk.position(chunk.position() + read);
                offset += read;
            }
            return true;
        });
    }

    static void write(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) at += channel.write(bytes, at);
    }

    /** What to do with bytes that belong at an offset; false ends the walk. */
    private interface Visitor {
        boolean visit(ByteBuffer chunk, long offset) throws IOException;
    }

    /** Walks through all bytes, gaps included, in their order. */
    private boolean chunks(Visitor visitor) throws IOException {
        Chunks out = new Chunks(visitor);
        out.put(header.duplicate());
        out.put(ByteBuffer.wrap(metadata));
        out.padTo(layout.textOffsets());
        out.putAll(textOffsets);
        out.padTo(layout.texts());
        for (int r = 0; r < rows.size(); r++) out.put(utf8(rows.texts().get(r), r));
        if (layout.hasReplyMetadata()) {
            out.padTo(layout.replyMetadataOffsets());
            out.putAll(metadataOffsets);
            out.padTo(layout.replyMetadata());
            for (int r = 0; r < rows.size(); r++) out.put(ByteBuffer.wrap(rows.metadata().get(r)));
        }
        if (layout.hasContexts()) {
            out.padTo(layout.contextOffsets());
            out.putAll(contextOffsets);
            out.padTo(layout.contexts());
            for (int r = 0; r < rows.size(); r++) out.put(ByteBuffer.wrap(rows.contexts().get(r)));
        }
        out.padTo(layout.vectors());
        out.flush();
        return out.going;
    }

    private static final class Chunks {
        private final Visitor visitor;
        private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        private long start;
        private boolean going = true;

        Chunks(Visitor visitor) {
            this.visitor = visitor;
        }

        void put(ByteBuffer bytes) throws IOException {
            while (going && bytes.hasRemaining()) {
                int n = Math.min(bytes.remaining(), chunk.remaining());
                chunk.put(chunk.position(), bytes, bytes.position(), n).position(chunk.position() + n);
                bytes.position(bytes.position() + n);
                if (!chunk.hasRemaining()) flush();
            }
        }

        void putAll(long[] offsets) throws IOException {
            ByteBuffer eight = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (long offset : offsets) put(eight.clear().putLong(offset).flip());
        }

        void padTo(long offset) throws IOException {
            long here = start + chunk.position();
            if (going) put(ByteBuffer.allocate((int) (offset - here)));
        }

        void flush() throws IOException {
            int length = chunk.position();
            if (going) going = visitor.visit(chunk.flip(), start);
            start += length;
            chunk.clear();
        }
    }
}
