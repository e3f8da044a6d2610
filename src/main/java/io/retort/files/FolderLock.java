package io.retort.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a folder for one process at a time. The lock is the operating system's: it ends with the process, however that
 * ends, and the file stays.
 */
public final class FolderLock implements AutoCloseable {
    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock, or fails at once if another process holds it.
     *
     * @param file made if it is not there, with its folder
     * @param busy what is thrown if another has it
     */
    public static FolderLock take(Path file, BadInput busy) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) return new FolderLock(channel);
        } catch (OverlappingFileLockException e) {
            busy = busy.causedBy(e);
        }
        channel.close();
        throw busy;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
