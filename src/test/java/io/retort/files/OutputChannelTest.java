package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class OutputChannelTest {
    /** A device that takes no byte, as a full disk. */
    private static final Path FULL = Path.of("/dev/full");

    @TempDir
    Path folder;

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskIsToldWithTheNameOfTheFileHoweverItIsWritten() throws IOException {
        try (FileChannel channel = OutputChannel.open(FULL, StandardOpenOption.WRITE)) {
            assertTold(() -> channel.write(ByteBuffer.allocate(10)));
            assertTold(() -> channel.write(new ByteBuffer[]{ByteBuffer.allocate(10)}));
            assertTold(() -> Channels.newOutputStream(channel).write(new byte[10]));
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void assertTold(Work work) {
        FileSystemException told = assertThrows(FileSystemException.class, work::run);
        assertEquals(FULL.toString(), told.getFile());
        assertTrue(told.getReason().startsWith("cannot be written: "), told.getReason());
    }

    @Test
    void whatIsWrittenIsReadBackByPlaceAndByMapping() throws IOException {
        Path file = folder.resolve("file");
        try (FileChannel channel = OutputChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[]{1, 2, 3}));
            channel.write(ByteBuffer.wrap(new byte[]{9}), 1);
            assertEquals(3, channel.position());
            assertEquals(9, channel.map(FileChannel.MapMode.READ_ONLY, 0, 3).get(1));
            channel.truncate(2);
            channel.force(true);
        }
        assertEquals(2, Files.size(file));
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aDeviceAndAPipeAreNotReplacedByAFile() throws Exception {
        assertTrue(assertThrows(BadInput.class, () -> AtomicFile.create(Path.of("/dev/null"))).getMessage()
                .contains("no regular file"));
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        assertThrows(BadInput.class, () -> JsonLinesWriter.create(pipe));
        assertThrows(BadInput.class, () -> AtomicFile.create(folder));
        try (var left = Files.list(folder)) {
            assertEquals(1, left.count());
        }
    }
}
