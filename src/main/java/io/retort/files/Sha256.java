package io.retort.files;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of bytes as they pass, in constant memory: fingerprints of models, checksums of downloads. One thread. */
public final class Sha256 {
    private static final int CHUNK = 1 << 16;

    private final MessageDigest digest;

    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** The digest of a whole file as 64 lower-case hexadecimal digits. */
    public static String of(Path file) throws IOException {
        Sha256 hash = new Sha256();
        try (InputStream in = InputFile.open(file)) {
            byte[] chunk = new byte[CHUNK];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) hash.update(chunk, 0, read);
        }
        return hash.hex();
    }

    public Sha256 update(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
        return this;
    }

    public Sha256 update(byte[] bytes) {
        return update(bytes, 0, bytes.length);
    }

    /** Adds the bytes of a segment of any length, on or off the heap, to what is hashed. */
    public Sha256 update(MemorySegment bytes) {
        byte[] chunk = new byte[(int) Math.min(CHUNK, bytes.byteSize())];
        MemorySegment view = MemorySegment.ofArray(chunk);
        for (long at = 0; at < bytes.byteSize(); at += chunk.length) {
            int length = (int) Math.min(chunk.length, bytes.byteSize() - at);
            MemorySegment.copy(bytes, at, view, 0, length);
            digest.update(chunk, 0, length);
        }
        return this;
    }

    /** The digest of everything taken in, as 64 lower-case hexadecimal digits; starts over. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
