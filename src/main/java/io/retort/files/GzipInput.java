package io.retort.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Gzip (RFC 1952) of one or more members, read strictly. The JDK's {@code GZIPInputStream} takes a damaged second
 * member for the end of the file and so loses data in silence; here whatever follows a member must be a whole member
 * again. Zero bytes after a member, with which tapes and block devices fill up, are passed over as gzip itself does.
 * One thread.
 */
final class GzipInput extends BlockInput {
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    /** Bytes after a member that begin no other. */
    static final class TrailingBytes extends ZipException {
        private static final long serialVersionUID = 1L;

        TrailingBytes() {
            super("bytes that are not gzip follow the gzip data");
        }
    }

    private final InputStream source;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    private final byte[] compressed = new byte[1 << 15];
    private int position;
    private int limit;
    private boolean atEnd;

    GzipInput(InputStream source) throws IOException {
        this.source = source;
        header(required());
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) return 0;
        while (!atEnd) {
            int count = inflate(bytes, offset, length);
            if (count > 0) {
                checksum.update(bytes, offset, count);
                return count;
            }
            if (inflater.finished()) {
                endMember();
            } else if (inflater.needsDictionary()) {
                throw new ZipException("gzip data asks for a dictionary");
            } else {
                feed();
            }
        }
        return -1;
    }

    private int inflate(byte[] bytes, int offset, int length) throws ZipException {
        try {
            return inflater.inflate(bytes, offset, length);
        } catch (DataFormatException e) {
            throw new ZipException("gzip data is damaged (" + e.getMessage() + ")");
        }
    }

    private void feed() throws IOException {
        if (position == limit && !fill()) throw cut();
        inflater.setInput(compressed, position, limit - position);
        position = limit;
    }

    private void endMember() throws IOException {
        position = limit - inflater.getRemaining();
        long stored = littleEndian(4);
        long size = littleEndian(4);
        if (stored != checksum.getValue() || size != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw new ZipException("gzip checksum does not match the data");
        }
        int next = next();
        while (next == 0) next = next();
        atEnd = next < 0;
        if (!atEnd) header(next);
    }

    private void header(int first) throws IOException {
        if (first != 0x1f || next() != 0x8b) throw new TrailingBytes();
        if (required() != 8) throw new ZipException("gzip data of an unknown method");
        int flags = required();
        if ((flags & RESERVED) != 0) throw new ZipException("gzip data with unknown flags");
        skip(6); // the fields for time, extra flags and operating system
        if ((flags & EXTRA) != 0) skip((int) littleEndian(2));
        if ((flags & NAME) != 0) skipText();
        if ((flags & COMMENT) != 0) skipText();
        if ((flags & HEADER_CRC) != 0) skip(2);
        inflater.reset();
        checksum.reset();
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) required();
    }

    private void skipText() throws IOException {
        while (required() != 0) continue;
    }

    private long littleEndian(int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) value |= (long) required() << (8 * i);
        return value;
    }

    private int required() throws IOException {
        int value = next();
        if (value < 0) throw cut();
        return value;
    }

    private int next() throws IOException {
        return position == limit && !fill() ? -1 : compressed[position++] & 0xff;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, source.read(compressed));
        return limit > 0;
    }

    private static EOFException cut() {
        return new EOFException("gzip data ends early");
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        atEnd = true;
        source.close();
    }
}
