package io.retort.search;

import io.retort.files.BadInput;
import io.retort.simd.RowFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.ToIntFunction;
import java.util.zip.CRC32C;

/** The first {@value IndexLayout#HEADER_BYTES} bytes of an index, as {@link ResponseIndex} describes them. */
record IndexHeader(RowFormat format, Metric metric, RowKeys keys, int dims, ModelFingerprint model,
        IndexLayout layout) {
    static final byte[] MAGIC = "RETORTIX".getBytes(StandardCharsets.US_ASCII);
    /**
     * The first version of the format, which has no place for the replies' own metadata; written wherever there are
     * none.
     */
    private static final int PLAIN = 1;
    private static final int WITH_REPLY_METADATA = 2;
    /** Has a section of the replies' metadata, too, even if none has some. */
    private static final int WITH_CONTEXTS = 3;
    private static final int CHECKED = IndexLayout.HEADER_BYTES - Integer.BYTES;
    private static final String REBUILD = "make it anew with `retort index`";

    static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** A format's number in an index file, which never changes. */
    private static int code(RowFormat format) {
        return switch (format) {
            case F32 -> 0;
            case F16 -> 1;
            case INT8 -> 2;
        };
    }

    ByteBuffer encode() {
        ByteBuffer out = ByteBuffer.allocate(IndexLayout.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC).putInt(layout.hasContexts()
                ? WITH_CONTEXTS
                : layout.hasReplyMetadata() ? WITH_REPLY_METADATA : PLAIN);
        out.putInt(code(format)).putInt(metric.code()).putInt(keys.code());
        out.putInt(dims).putInt(IndexLayout.BLOCK_BYTES).putLong(layout.count()).put(model.bytes());
        out.putLong(layout.metadata()).putLong(layout.metadataBytes());
        out.putLong(layout.textOffsets()).putLong(layout.offsetBytes());
        out.putLong(layout.texts()).putLong(layout.textBytes());
        out.putLong(layout.vectors()).putLong(layout.vectorBytes()).putLong(layout.footer());
        if (layout.hasReplyMetadata()) {
            out.putLong(layout.replyMetadataOffsets()).putLong(layout.offsetBytes());
            out.putLong(layout.replyMetadata()).putLong(layout.replyMetadataBytes());
        }
        if (layout.hasContexts()) out.putLong(layout.contextBytes());
        out.putInt(CHECKED, checksum(out.duplicate().position(0).limit(CHECKED)));
        return out.position(0);
    }

    /** Reads a header that may hold anything after its magic. */
    static IndexHeader decode(Path file, ByteBuffer bytes) {
        ByteBuffer in = bytes.order(ByteOrder.LITTLE_ENDIAN);
        in.position(MAGIC.length);
        int version = in.getInt();
        if (version < PLAIN || version > WITH_CONTEXTS) {
            throw BadInput.atOffset(file, 8,
                    "format version " + version + ", this Retort reads " + PLAIN + " to " + WITH_CONTEXTS, REBUILD);
        }
        int crc = checksum(in.duplicate().position(0).limit(CHECKED));
        if (crc != in.getInt(CHECKED)) throw BadInput.atOffset(file, 0, "the header is damaged", REBUILD);
        RowFormat format = choice(file, in, RowFormat.values(), IndexHeader::code, "vector format");
        Metric metric = choice(file, in, Metric.values(), Metric::code, "metric");
        RowKeys keys = choice(file, in, RowKeys.values(), RowKeys::code, "kind of row keys");
        int dims = (int) number(file, in.position(), in.getInt(), 1, IndexSpec.MAX_DIMS, "dims");
        number(file, in.position(), in.getInt(), IndexLayout.BLOCK_BYTES, IndexLayout.BLOCK_BYTES, "checksum block");
        int count = (int) number(file, in.position(), in.getLong(), 1, Integer.MAX_VALUE - 64, "replies");
        byte[] sha256 = new byte[32];
        in.get(sha256);
        IndexLayout layout = layout(file, in, version, count, format.stride(dims));
        IndexHeader header = new IndexHeader(format, metric, keys, dims, ModelFingerprint.of(sha256), layout);
        if (!header.encode().equals(in.position(0))) {
            throw BadInput.atOffset(file, 72, "the sections are not where they belong", REBUILD);
        }
        return header;
    }

    private static IndexLayout layout(Path file, ByteBuffer in, int version, int count, long stride) {
        try {
            long metadataBytes = number(file, 80, in.getLong(80), 0, Integer.MAX_VALUE - 64, "metadata bytes");
            long textBytes = number(file, 112, in.getLong(112), 0, Long.MAX_VALUE / 4, "text bytes");
            long replyMetadataBytes = version == PLAIN
                    ? IndexLayout.NONE
                    : number(file, 168, in.getLong(168), 0, Long.MAX_VALUE / 4, "bytes of the replies' metadata");
            long contextBytes = version < WITH_CONTEXTS
                    ? IndexLayout.NONE
                    : number(file, 176, in.getLong(176), 0, Long.MAX_VALUE / 4, "bytes of contexts");
            IndexLayout layout = new IndexLayout(count, stride, metadataBytes, textBytes, replyMetadataBytes,
                    contextBytes);
            layout.blocks();
            return layout;
        } catch (ArithmeticException e) {
            throw BadInput.atOffset(file, 72, "the sections are longer than a file can be", REBUILD).causedBy(e);
        }
    }

    private static <E> E choice(Path file, ByteBuffer in, E[] known, ToIntFunction<E> code, String what) {
        int offset = in.position(), found = in.getInt();
        for (E each : known) if (code.applyAsInt(each) == found) return each;
        throw BadInput.atOffset(file, offset, "the unknown " + what + " " + found, REBUILD);
    }

    private static long number(Path file, long offset, long value, long least, long most, String what) {
        if (value >= least && value <= most) return value;
        String range = least == most ? "expected " + least : "expected " + least + " to " + most;
        throw BadInput.atOffset(file, offset, what + " " + value + ", " + range, REBUILD);
    }
}
