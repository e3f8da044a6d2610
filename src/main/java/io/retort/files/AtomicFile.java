package io.retort.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that appears whole or not at all: bytes go to a file beside the target, which {@link #commit()} flushes to the
 * device and renames over the target. Closing without a commit removes what was written. One thread.
 */
public final class AtomicFile implements AutoCloseable {
    private final Path target;
    private final Path part;
    private final FileChannel channel;
    private boolean committed;

    private AtomicFile(Path target, Path part, FileChannel channel) {
        this.target = target;
        this.part = part;
        this.channel = channel;
    }

    /**
     * Opens the file beside {@code target}, making the folders above it.
     *
     * @throws BadInput if the target is there and no regular file: to rename something over a pipe or a device would
     *                  put it out of the world
     */
    public static AtomicFile create(Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            throw BadInput.in(target, Files.isDirectory(absolute) ? "is a folder" : "is no regular file",
                    "name the file to write");
        }
        Files.createDirectories(absolute.getParent());
        String suffix = Long.toString(ThreadLocalRandom.current().nextLong() >>> 1, 36);
        Path part = absolute.resolveSibling(absolute.getFileName() + "." + suffix + ".part");
        return new AtomicFile(absolute, part,
                OutputChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE,
                        StandardOpenOption.READ));
    }

    /** Writes a small file, which appears whole or not at all. */
    public static void write(Path target, byte[] bytes) throws IOException {
        try (AtomicFile file = create(target)) {
            var buffer = java.nio.ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) file.channel.write(buffer);
            file.commit();
        }
    }

    /**
     * The channel to which the file's bytes are written; positioned writes are allowed. The caller must not close it.
     */
    public FileChannel channel() {
        return channel;
    }

    /** Makes the bytes durable and gives the file its name, replacing an older one. */
    public void commit() throws IOException {
        channel.force(true);
        channel.close();
        replace(part, target);
        committed = true;
    }

    /** Renames {@code part} over {@code target} and makes the new name durable. */
    public static void replace(Path part, Path target) throws IOException {
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncFolder(target.toAbsolutePath().getParent());
    }

    private static void syncFolder(Path folder) {
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            entries.force(true);
        } catch (IOException e) {
            // Windows cannot open folders; there the rename itself is journalled.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        if (committed) return;
        channel.close();
        Files.deleteIfExists(part);
    }
}
