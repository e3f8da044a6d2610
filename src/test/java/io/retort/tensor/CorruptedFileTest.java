package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.retort.files.BadInput;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files cut or changed anywhere either still are files of well-formed tensors or are refused: nothing else, and in
 * little memory.
 */
class CorruptedFileTest {
    private static final int MUTATIONS = 400;
    private static final int MANY_MUTATIONS = 6000;
    private static final long MOST_ALLOCATED = 1 << 20;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void aFileCutAtAnyByteIsRefused(Samples.Format format) throws IOException {
        byte[] whole = format.bytes();
        for (int length = 0; length < whole.length; length++) {
            Path file = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
            String message = assertThrows(BadInput.class, () -> TensorFile.open(file)).getMessage();
            assertTrue(message.startsWith(file.toString()), message);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileWithBytesAddedIsRefused(Samples.Format format) throws IOException {
        byte[] whole = format.bytes();
        Path file = Files.write(folder.resolve("long"), Arrays.copyOf(whole, whole.length + 1));
        assertThrows(BadInput.class, () -> TensorFile.open(file));
    }

    @ParameterizedTest
    @EnumSource
    void aChangedFileIsReadOrRefused(Samples.Format format) throws IOException {
        assertReadOrRefused(format, MUTATIONS);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void manyChangedFilesAreReadOrRefused(Samples.Format format) throws IOException {
        assertReadOrRefused(format, MANY_MUTATIONS);
    }

    private void assertReadOrRefused(Samples.Format format, int mutations) throws IOException {
        byte[] whole = format.bytes();
        var random = new Random(20210812);
        int refused = 0;
        for (int n = 0; n < mutations; n++) {
            byte[] changed = mutation(whole, random);
            Path file = Files.write(folder.resolve("changed"), changed);
            if (!readsInLittleMemory(file, changed, format)) refused++;
        }
        assertTrue(refused > mutations / 20 && refused < mutations, refused + " refused");
    }

    private static byte[] mutation(byte[] whole, Random random) {
        byte[] changed = whole.clone();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            int at = random.nextInt(changed.length);
            changed[at] = switch (random.nextInt(4)) {
                case 0 -> (byte) (changed[at] ^ 1 << random.nextInt(8));
                case 1 -> (byte) random.nextInt(256);
                case 2 -> changed[random.nextInt(changed.length)];
                default -> (byte) (random.nextBoolean() ? 0xFF : '0' + random.nextInt(10));
            };
        }
        return changed;
    }

    /** Whether the file was read, not refused. */
    private static boolean readsInLittleMemory(Path path, byte[] bytes, Samples.Format format) throws IOException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try (TensorFile file = TensorFile.open(path)) {
            for (TensorInfo info : file.tensors().values()) assertReads(file, info);
            if (format == Samples.Format.SAFETENSORS) assertEquals(dataOf(bytes), readBytes(file));
            return true;
        } catch (BadInput refused) {
            return false;
        } finally {
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated < MOST_ALLOCATED, allocated + " bytes allocated");
        }
    }

    private static void assertReads(TensorFile file, TensorInfo info) {
        Tensor tensor = file.read(info.name());
        assertEquals(info, new TensorInfo(info.name(), tensor.type(), tensor.shape()));
        assertEquals(tensor.shape().size() * tensor.type().bytes(), tensor.data().byteSize());
        assertEquals(tensor.data().byteSize(), Samples.bytes(tensor).length);
    }

    private static long dataOf(byte[] safetensors) {
        return safetensors.length - 8 - (safetensors[0] & 0xFF) - 256L * (safetensors[1] & 0xFF);
    }

    private static long readBytes(TensorFile file) {
        return file.tensors().keySet().stream().mapToLong(name -> file.read(name).data().byteSize()).sum();
    }
}
