package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class InputFileTest {
    @TempDir
    Path folder;

    @Test
    void aNamedPipeIsReadOnceAndOpenedAnyNumberOfTimes() throws Exception {
        byte[] bytes = random(100_000);
        Path pipe = pipe(bytes);
        for (int i = 0; i < 3; i++) assertArrayEquals(bytes, InputFile.bytes(pipe, bytes.length));
        assertEquals(new Sha256().update(bytes).hex(), Sha256.of(pipe));
    }

    @Test
    void whatIsTooLargeForTheMemoryComesBackWholeAndForTwoReadersAtOnce() throws Exception {
        byte[] bytes = random((8 << 20) + 12_345);
        Path pipe = pipe(bytes);
        try (InputStream one = InputFile.open(pipe); InputStream other = InputFile.open(pipe)) {
            byte[] half = one.readNBytes(bytes.length / 2);
            assertArrayEquals(bytes, other.readAllBytes());
            byte[] rest = one.readAllBytes();
            assertEquals(new Sha256().update(bytes).hex(), new Sha256().update(half).update(rest).hex());
        }
    }

    @Test
    void theRecordsOfAPipeAreReadTwiceToo() throws Exception {
        Path pipe = pipe("{\"a\":1}\n{\"a\":2}\n".getBytes());
        for (int i = 0; i < 2; i++) {
            try (JsonLines lines = JsonLines.open(pipe)) {
                assertEquals(2, lines.stream().count());
            }
        }
    }

    @Test
    void aPipeIntoWhichNobodyWritesIsRefusedInsteadOfWaitedForForEver() throws Exception {
        Path pipe = emptyPipe();
        try {
            BadInput refused = assertThrows(BadInput.class, () -> Spool.of(pipe, Duration.ofMillis(200)));
            assertTrue(refused.getMessage().startsWith(pipe + ": is a pipe into which nothing has written"));
        } finally {
            Files.newOutputStream(pipe).close(); // lets the thread go that waits for a writer
        }
    }

    @Test
    void moreThanIsAllowedIsRefusedEvenOfAPipeThatHasNoSize() throws Exception {
        Path pipe = pipe(new byte[1000]);
        assertTrue(
                assertThrows(BadInput.class, () -> InputFile.bytes(pipe, 999)).getMessage().contains("more than 999"));
    }

    @Test
    void missingFilesAndFoldersAreRefusedByName() {
        assertTrue(assertThrows(BadInput.class, () -> InputFile.open(folder.resolve("none"))).getMessage()
                .endsWith("none: no such file; check the path"));
        assertThrows(BadInput.class, () -> InputFile.open(folder));
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    /** A pipe into which somebody writes these bytes, once. */
    private Path pipe(byte[] bytes) throws Exception {
        Path source = Files.write(folder.resolve("source"), bytes);
        Path pipe = emptyPipe();
        Thread.ofPlatform().daemon().start(() -> {
            try (OutputStream out = Files.newOutputStream(pipe)) {
                Files.copy(source, out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return pipe;
    }

    private Path emptyPipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        return pipe;
    }
}
