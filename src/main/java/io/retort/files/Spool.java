package io.retort.files;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Everything that came out of a stream which cannot be read twice: in memory while it is small, else in a temporary
 * file that has no name and so goes with the process. Any thread.
 */
final class Spool {
    /** How long a named pipe may be without anybody who writes into it. */
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final int MOST_IN_MEMORY = 8 << 20;
    private static final int CHUNK = 1 << 16;
    private static final Set<String> STANDARD_INPUT = Set.of("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0");
    private static final Map<Object, Spool> KEPT = new ConcurrentHashMap<>();

    /** Identifies a stream: the file system's key tells apart one that was made anew under an old name. */
    private record Key(Path path, Object fileKey) {}

    private byte[] bytes;
    private FileChannel overflow;
    private IOException failure;

    private Spool() {}

    /** Whether a file may give its bytes only once. */
    static boolean isNeededFor(Path file) throws IOException {
        if (isStandardInput(file)) return true;
        return Files.readAttributes(file, BasicFileAttributes.class).isOther();
    }

    private static boolean isStandardInput(Path file) {
        return STANDARD_INPUT.contains(file.toString());
    }

    /**
     * Keeps what comes out of a stream, which is read to its end the first time that it is asked for.
     *
     * @throws BadInput if it is a pipe into which nobody writes
     */
    static Spool of(Path file) throws IOException {
        return of(file, WAIT);
    }

    /** As {@link #of(Path)}, with a bound on how long a named pipe may be without a writer. */
    static Spool of(Path file, Duration wait) throws IOException {
        Object key = isStandardInput(file)
                ? FileDescriptor.in
                : new Key(file.toAbsolutePath(), Files.readAttributes(file, BasicFileAttributes.class).fileKey());
        Spool spool = KEPT.computeIfAbsent(key, _ -> new Spool());
        spool.fill(file, wait);
        return spool;
    }

    /** Reads the stream, unless that has been done; whoever asks meanwhile waits for it. */
    private synchronized void fill(Path file, Duration wait) throws IOException {
        if (failure != null) throw failure; // A part of the stream has been read and is lost: it cannot be read again.
        if (bytes != null) return;
        var head = new ByteArrayOutputStream();
        FileChannel rest = null;
        try (InputStream in = isStandardInput(file) ? new FileInputStream(FileDescriptor.in) : opened(file, wait)) {
            byte[] chunk = new byte[CHUNK];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                if (head.size() + read <= MOST_IN_MEMORY && rest == null) {
                    head.write(chunk, 0, read);
                } else {
                    if (rest == null) rest = temporary(file);
                    write(rest, ByteBuffer.wrap(chunk, 0, read), file);
                }
            }
        } catch (IOException e) {
            if (rest != null) rest.close();
            failure = e;
            throw e;
        }
        overflow = rest;
        bytes = head.toByteArray();
    }

    /** Opening a named pipe blocks until somebody opens its other end, and nothing can interrupt that. */
    private static InputStream opened(Path file, Duration wait) throws IOException {
        var opening = new FutureTask<>(() -> Files.newInputStream(file));
        Thread.ofPlatform().daemon().name("retort-open-pipe").start(opening);
        try {
            return opening.get(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw BadInput.in(file, "is a pipe into which nothing has written for " + wait.toSeconds() + " s",
                    "start what writes into it first, or give a regular file").causedBy(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) throw io;
            throw new IOException(file + ": cannot be opened", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(file + ": interrupted while it was opened");
        }
    }

    private static FileChannel temporary(Path file) throws IOException {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        Path path = folder.resolve("retort-" + Long.toString(ThreadLocalRandom.current().nextLong() >>> 1, 36));
        try {
            return FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
                    StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw cannotKeep(file, e);
        }
    }

    private static void write(FileChannel to, ByteBuffer from, Path file) throws IOException {
        try {
            while (from.hasRemaining()) to.write(from);
        } catch (IOException e) {
            throw cannotKeep(file, e);
        }
    }

    private static IOException cannotKeep(Path file, IOException e) {
        String reason = e instanceof FileSystemException named && named.getReason() != null
                ? named.getReason()
                : e.getMessage();
        IOException told = new FileSystemException(System.getProperty("java.io.tmpdir"), null, "cannot keep what "
                + file + " gives, which can be read only once (" + reason
                + "); give a regular file, or a temporary folder with room (Java's property java.io.tmpdir)");
        told.initCause(e);
        return told;
    }

    /** A new stream over all bytes, from the first one. */
    InputStream open() throws IOException {
        return overflow == null ? new ByteArrayInputStream(bytes) : new Reader();
    }

    /** A stream with a position of its own over the shared bytes. */
    private final class Reader extends BlockInput {
        private long position;

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) return 0;
            int count;
            if (position < bytes.length) {
                count = Math.min(length, bytes.length - (int) position);
                System.arraycopy(bytes, (int) position, into, offset, count);
            } else {
                count = overflow.read(ByteBuffer.wrap(into, offset, length), position - bytes.length);
            }
            if (count > 0) position += count;
            return count;
        }
    }
}
