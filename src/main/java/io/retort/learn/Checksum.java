package io.retort.learn;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Computes the CRC32C of a run of bytes that arrives piece by piece, for checkpoints. For use by one thread. */
final class Checksum {
    private final CRC32C crc = new CRC32C();
    private final byte[] chunk = new byte[1 << 16];

    /** Adds the bytes of a segment, which may be of any length and on or off the heap. */
    Checksum update(MemorySegment bytes) {
        MemorySegment view = MemorySegment.ofArray(chunk);
        for (long at = 0; at < bytes.byteSize(); at += chunk.length) {
            int length = (int) Math.min(chunk.length, bytes.byteSize() - at);
            MemorySegment.copy(bytes, at, view, 0, length);
            crc.update(chunk, 0, length);
        }
        return this;
    }

    Checksum update(byte[] bytes, int from, int length) {
        crc.update(bytes, from, length);
        return this;
    }

    Checksum update(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return update(bytes, 0, bytes.length);
    }

    int value() {
        return (int) crc.getValue();
    }
}
