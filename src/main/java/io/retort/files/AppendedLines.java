package io.retort.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A file of lines to which lines are only added. Those that are added together are on the device when that returns; if
 * it fails nothing of them remains, and of a process that was killed meanwhile at most their start, which {@link #keep}
 * and the next addition cut off. Locked against other processes. One thread at a time.
 */
public final class AppendedLines implements AutoCloseable {
    private final FileChannel channel;
    private long length;

    private AppendedLines(FileChannel channel) throws IOException {
        this.channel = channel;
        this.length = channel.size();
    }

    /** Opens a file, or begins it; empty if somebody else, in this process or another, has it open to add lines. */
    public static Optional<AppendedLines> open(Path file) throws IOException {
        FileChannel channel = OutputChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        AppendedLines lines = null;
        try {
            if (channel.tryLock() != null) lines = new AppendedLines(channel);
        } catch (OverlappingFileLockException e) {
            return Optional.empty();
        } finally {
            if (lines == null) channel.close();
        }
        return Optional.ofNullable(lines);
    }

    /** The bytes from an offset on. */
    public byte[] from(long offset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(Math.max(0, channel.size() - offset)));
        while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
            // until all is read
        }
        return bytes.array();
    }

    /** Keeps the first bytes of the file, and cuts off what is behind them. */
    public void keep(long bytes) throws IOException {
        channel.truncate(bytes);
        length = bytes;
    }

    /** Adds whole lines, each with the line feed at its end. */
    public void append(byte[] lines) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(lines);
        try {
            channel.truncate(length);
            channel.position(length);
            while (bytes.hasRemaining()) channel.write(bytes);
            channel.force(false);
            length += lines.length;
        } catch (IOException e) {
            try {
                channel.truncate(length);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
