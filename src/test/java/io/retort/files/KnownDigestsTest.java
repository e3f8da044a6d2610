package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownDigestsTest {
    private static final Instant BEFORE = Instant.parse("2026-01-02T03:04:05.678Z");

    @TempDir
    Path work;
    private Path file, notes;

    @BeforeEach
    void write() throws IOException {
        file = work.resolve("weights");
        notes = work.resolve("digests");
        write((byte) 1, BEFORE);
    }

    private void write(byte value, Instant time) throws IOException {
        byte[] bytes = new byte[2 << 20];
        bytes[1 << 20] = value;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, FileTime.from(time));
    }

    private List<Path> notes() throws IOException {
        if (!Files.exists(notes)) return List.of();
        try (Stream<Path> all = Files.list(notes)) {
            return all.toList();
        }
    }

    @Test
    void aKnownDigestIsThatOfTheFile() throws IOException {
        String digest = Sha256.of(file);
        assertEquals(digest, KnownDigests.of(file, notes));
        assertEquals(digest, KnownDigests.of(file, notes));
        assertEquals(1, notes().size());
    }

    @Test
    void aKnownDigestIsNotComputedAgain() throws IOException {
        KnownDigests.of(file, notes);
        Files.writeString(notes().getFirst(), "a".repeat(64));
        assertEquals("a".repeat(64), KnownDigests.of(file, notes));
    }

    @Test
    void aFileThatChangedIsHashedAnew() throws IOException {
        String digest = KnownDigests.of(file, notes);
        write((byte) 2, BEFORE.plusNanos(1_000_000));
        assertNotEquals(digest, KnownDigests.of(file, notes));
        assertEquals(Sha256.of(file), KnownDigests.of(file, notes));
    }

    @Test
    void aDamagedNoteIsNotBelieved() throws IOException {
        KnownDigests.of(file, notes);
        for (String damage : List.of("", "a".repeat(63), "Z".repeat(64))) {
            Files.writeString(notes().getFirst(), damage);
            assertEquals(Sha256.of(file), KnownDigests.of(file, notes));
        }
    }

    @Test
    void aFileThatHasJustChangedIsNotNoted() throws IOException {
        write((byte) 3, Instant.now().plusSeconds(60)); // however long it takes until it is hashed
        assertEquals(Sha256.of(file), KnownDigests.of(file, notes));
        assertFalse(Files.exists(notes));
    }

    @Test
    void aFolderThatCannotBeWrittenIsNoHindrance() throws IOException {
        Path taken = Files.writeString(work.resolve("taken"), "no folder");
        assertEquals(Sha256.of(file), KnownDigests.of(file, taken));
    }
}
