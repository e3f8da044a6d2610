package io.retort.ingest;

import dev.hardwood.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The bytes of a Parquet file for its library, read and not mapped: a file that is cut while it is read is an exception
 * then and not the end of the process. Any thread.
 */
final class ParquetBytes implements InputFile {
    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer inMemory;
    private final long length;

    private ParquetBytes(Path file, FileChannel channel, ByteBuffer inMemory, long length) {
        this.file = file;
        this.channel = channel;
        this.inMemory = inMemory;
        this.length = length;
    }

    /** Opens a regular file. */
    static ParquetBytes of(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        return new ParquetBytes(file, channel, null, Files.size(file));
    }

    /** Takes bytes that were decompressed, or came out of a pipe. */
    static ParquetBytes of(Path file, byte[] bytes) {
        return new ParquetBytes(file, null, ByteBuffer.wrap(bytes), bytes.length);
    }

    @Override
    public void open() {
        // It is open from the beginning.
    }

    @Override
    public ByteBuffer readRange(long offset, int count) throws IOException {
        if (offset < 0 || count < 0 || offset > length - count) {
            throw new IOException("bytes " + offset + " to " + (offset + count) + " lie outside of the file");
        }
        if (inMemory != null) return inMemory.slice((int) offset, count).asReadOnlyBuffer();
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) throw new IOException("the file became shorter");
        }
        return bytes.flip();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public void close() throws IOException {
        if (channel != null) channel.close();
    }
}
