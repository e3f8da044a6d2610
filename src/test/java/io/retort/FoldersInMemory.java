package io.retort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Folders of tests, in memory where Linux has such a place with room. Tests write the same file anew tens of thousands
 * of times and have every index and checkpoint synced, and ext4 keeps a writer waiting for the disk both times. They are
 * on a disk elsewhere, of a test that is tagged slow, whose files may be large, and with
 * {@code -Dretort.test.folders=disk}.
 */
public final class FoldersInMemory implements TempDirFactory {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final Path MOUNTS = Path.of("/proc/self/mounts");
    /** Many times what the quick tests hold at a time. */
    private static final long ROOM = 2L << 30;

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
        return Files.createTempDirectory(test.getTags().contains("slow") ? disk() : place(), "junit");
    }

    /** Where a test that makes a folder or a file for itself is to make it. */
    public static Path place() throws IOException {
        boolean isDiskWanted = System.getProperty("retort.test.folders", "").equals("disk");
        return isDiskWanted || !isThereMemory() ? disk() : SHARED_MEMORY;
    }

    private static Path disk() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** Memory that is mounted with room, and from which native libraries that a test unpacks may be loaded. */
    private static boolean isThereMemory() throws IOException {
        if (!Files.isReadable(MOUNTS) || !Files.isWritable(SHARED_MEMORY)) return false;
        if (SHARED_MEMORY.toFile().getUsableSpace() < ROOM) return false;
        for (String line : Files.readAllLines(MOUNTS)) {
            String[] mount = line.split(" ");
            boolean isIt = mount.length > 3 && mount[1].equals(SHARED_MEMORY.toString()) && mount[2].equals("tmpfs");
            if (isIt) return !Arrays.asList(mount[3].split(",")).contains("noexec");
        }
        return false;
    }
}
