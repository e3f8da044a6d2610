package io.retort.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A channel to a file whose failures name that file: Java's own channels say no more than "No space left on device". As
 * safe for threads as the channel beneath it.
 */
public final class OutputChannel extends FileChannel {
    private final Path file;
    private final FileChannel channel;

    private OutputChannel(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Opens a file as {@link FileChannel#open(Path, OpenOption...)} does. */
    public static FileChannel open(Path file, OpenOption... options) throws IOException {
        return new OutputChannel(file, FileChannel.open(file, options));
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T named(Work<T> work) throws IOException {
        try {
            return work.run();
        } catch (java.nio.channels.ClosedChannelException | FileSystemException e) {
            throw e;
        } catch (IOException e) {
            IOException told = new FileSystemException(file.toString(), null, "cannot be written: " + e.getMessage());
            told.initCause(e);
            throw told;
        }
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        return named(() -> channel.write(bytes));
    }

    @Override
    public long write(ByteBuffer[] bytes, int offset, int length) throws IOException {
        return named(() -> channel.write(bytes, offset, length));
    }

    @Override
    public int write(ByteBuffer bytes, long place) throws IOException {
        return named(() -> channel.write(bytes, place));
    }

    @Override
    public long transferFrom(ReadableByteChannel from, long place, long count) throws IOException {
        return named(() -> channel.transferFrom(from, place, count));
    }

    @Override
    public void force(boolean metaData) throws IOException {
        named(() -> {
            channel.force(metaData);
            return null;
        });
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        named(() -> channel.truncate(size));
        return this;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return channel.read(into);
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        return channel.read(into, offset, length);
    }

    @Override
    public int read(ByteBuffer into, long place) throws IOException {
        return channel.read(into, place);
    }

    @Override
    public long position() throws IOException {
        return channel.position();
    }

    @Override
    public FileChannel position(long place) throws IOException {
        channel.position(place);
        return this;
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public long transferTo(long place, long count, WritableByteChannel to) throws IOException {
        return channel.transferTo(place, count, to);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long place, long size) throws IOException {
        return channel.map(mode, place, size);
    }

    @Override
    public MemorySegment map(MapMode mode, long place, long size, Arena arena) throws IOException {
        return channel.map(mode, place, size, arena);
    }

    @Override
    public FileLock lock(long place, long size, boolean shared) throws IOException {
        return channel.lock(place, size, shared);
    }

    @Override
    public FileLock tryLock(long place, long size, boolean shared) throws IOException {
        return channel.tryLock(place, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        named(() -> {
            channel.close();
            return null;
        });
    }
}
