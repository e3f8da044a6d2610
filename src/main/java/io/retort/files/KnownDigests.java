package io.retort.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;

/**
 * SHA-256 of large files, kept in the user's folder for as long as a file stays as it is: hashing a model takes as long
 * as answering with it. What tells that a file changed is its size, the time of its last change, to the nanosecond where
 * the system knows it, and its number on the disk. A file that changed within the last seconds is always hashed, since it
 * might change again in the same instant of the clock.
 */
public final class KnownDigests {
    private static final long LARGE = 1 << 20;
    private static final Duration SETTLED = Duration.ofSeconds(3);
    private static final int HEX = 64;

    private KnownDigests() {}

    /** The digest of a whole file as 64 lower-case hexadecimal digits. */
    public static String of(Path file) throws IOException {
        return of(file, UserFolder.root().resolve("digests"));
    }

    /** The digest of a file, known to a folder or, from now on, told to it. */
    static String of(Path file, Path folder) throws IOException {
        BasicFileAttributes before = Files.readAttributes(file, BasicFileAttributes.class);
        boolean isSettled = before.lastModifiedTime().toInstant().isBefore(Instant.now().minus(SETTLED));
        if (!before.isRegularFile() || before.size() < LARGE || !isSettled) return Sha256.of(file);
        String state = state(file, before);
        Path note = folder.resolve(new Sha256().update(state.getBytes(StandardCharsets.UTF_8)).hex());
        String known = read(note);
        if (known != null) return known;
        String digest = Sha256.of(file);
        if (state(file, Files.readAttributes(file, BasicFileAttributes.class)).equals(state)) write(note, digest);
        return digest;
    }

    private static String state(Path file, BasicFileAttributes attributes) throws IOException {
        return file.toRealPath() + "\n" + attributes.size() + "\n" + attributes.lastModifiedTime().toInstant() + "\n"
                + attributes.fileKey();
    }

    /** The digest in a note; null if there is none that can be read. */
    private static String read(Path note) {
        try {
            if (!Files.isRegularFile(note) || Files.size(note) != HEX) return null;
            String digest = Files.readString(note, StandardCharsets.ISO_8859_1);
            return digest.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f') ? digest : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static void write(Path note, String digest) {
        try {
            Files.createDirectories(note.getParent());
            AtomicFile.write(note, digest.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException | InvalidPathException e) {
            return; // a folder that cannot be written: the file is hashed again the next time
        }
    }
}
