package io.retort.fetch;

import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.files.OutputChannel;
import io.retort.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Properties;

/**
 * The bytes of a download so far, in {@code TARGET.partial}, and whose they are, in {@code TARGET.partial.origin}: what
 * it takes to go on where an earlier process stopped. Locked against a second download of the same target. One thread.
 */
final class PartialFile implements AutoCloseable {
    private static final long LONGEST_ORIGIN = 1 << 16;

    /**
     * How servers named the content when its first byte came; empty and −1 where they did not.
     *
     * @param etag       strong tag given by the host that sent the bytes
     * @param linkedEtag tag given by the host that redirected to it
     */
    record Origin(String etag, String linkedEtag, long size) {
        static final Origin UNKNOWN = new Origin("", "", -1);

        /** Whether a server can be asked for the rest of this very content. */
        boolean isIdentified() {
            return !etag.isEmpty() || !linkedEtag.isEmpty();
        }

        /** Whether some property is known of both origins and differs between them. */
        boolean contradicts(Origin other) {
            return differ(etag, other.etag) || differ(linkedEtag, other.linkedEtag)
                    || size >= 0 && other.size >= 0 && size != other.size;
        }

        private static boolean differ(String one, String other) {
            return !one.isEmpty() && !other.isEmpty() && !one.equals(other);
        }
    }

    private final Path target;
    private final Path path;
    private final FileChannel channel;
    private Origin origin;
    private long length;
    private boolean kept = true;

    private PartialFile(Path target, Path path, FileChannel channel) throws IOException {
        this.target = target;
        this.path = path;
        this.channel = channel;
        length = channel.size();
        origin = readOrigin();
        channel.position(length);
    }

    /** Opens what is there of {@code target}, perhaps nothing, making the folders above it. */
    static PartialFile open(Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        if (Files.isDirectory(absolute)) throw BadInput.in(target, "is a folder", "name the file to download to");
        Files.createDirectories(absolute.getParent());
        Path path = absolute.resolveSibling(absolute.getFileName() + ".partial");
        FileChannel channel = OutputChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            lock(channel, target);
            return new PartialFile(absolute, path, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void lock(FileChannel channel, Path target) throws IOException {
        try {
            // A byte no file reaches: where locks are mandatory, those on real bytes would keep this process from
            // hashing them.
            if (channel.tryLock(Long.MAX_VALUE - 1, 1, false) != null) return;
        } catch (OverlappingFileLockException e) {
            throw underWay(target).causedBy(e);
        }
        throw underWay(target);
    }

    private static BadInput underWay(Path target) {
        return BadInput.in(target, "another download of this file is under way", "wait for it to end");
    }

    long length() {
        return length;
    }

    Origin origin() {
        return origin;
    }

    /** Drops the bytes that are there and begins anew with those of another origin. */
    void restart(Origin from) throws IOException {
        // The bytes go first, so that a crash in between leaves none under a wrong origin.
        channel.truncate(0);
        length = 0;
        origin = from;
        var properties = new Properties();
        properties.setProperty("etag", from.etag());
        properties.setProperty("linked-etag", from.linkedEtag());
        properties.setProperty("size", Long.toString(from.size()));
        var text = new StringWriter();
        properties.store(text, null);
        AtomicFile.write(originFile(), text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    void append(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) length += channel.write(bytes);
    }

    String sha256() throws IOException {
        return Sha256.of(path);
    }

    /** Makes the bytes durable and gives them the target's name. */
    void commit() throws IOException {
        channel.force(true);
        AtomicFile.replace(path, target);
        kept = false;
        Files.deleteIfExists(originFile());
    }

    /** Removes the bytes, which nobody should build upon. */
    void discard() throws IOException {
        kept = false;
        Files.deleteIfExists(path);
        Files.deleteIfExists(originFile());
    }

    /** Leaves what has come for the next try, if anything has. */
    @Override
    public void close() throws IOException {
        try (channel) {
            if (kept && length == 0) discard();
        }
    }

    private Origin readOrigin() throws IOException {
        Path file = originFile();
        if (!Files.isRegularFile(file) || Files.size(file) > LONGEST_ORIGIN) return Origin.UNKNOWN;
        var properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
            long size = Long.parseLong(properties.getProperty("size", "-1"));
            if (size >= 0 && length > size) return Origin.UNKNOWN;
            return new Origin(RedirectHeaders.tag(properties.getProperty("etag", "")),
                    RedirectHeaders.tag(properties.getProperty("linked-etag", "")), size);
        } catch (IllegalArgumentException e) {
            // The file is not what restart() wrote: the download starts anew, which costs time and harms nothing.
            return Origin.UNKNOWN;
        }
    }

    private Path originFile() {
        return path.resolveSibling(path.getFileName() + ".origin");
    }
}
