package io.retort.tensor;

import io.retort.files.BadInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file's bytes, mapped read-only until closed. Any thread may read. A file cut short by another program while it is
 * mapped ends in an {@link InternalError} at the read, not in a crash.
 */
record MappedFile(Path path, MemorySegment bytes, Arena arena) implements AutoCloseable {
    /** Makes an object of a file's bytes, which from then on owns the mapping and closes it. */
    interface Reader<F> {
        F read(MappedFile file) throws IOException;
    }

    /** Maps {@code path} for {@code reader}; unmaps it again if the reader refuses it. */
    static <F> F open(Path path, Reader<F> reader) throws IOException {
        if (!Files.exists(path)) throw BadInput.in(path, "no such file", "check the path");
        if (!Files.isRegularFile(path)) {
            throw BadInput.in(path, "not a file",
                    "name the weight file itself, such as model.safetensors in its folder");
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return reader.read(new MappedFile(path, bytes, arena));
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    long size() {
        return bytes.byteSize();
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
    }
}
