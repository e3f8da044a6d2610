package io.retort.generate;

import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.lm.WeightStorage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Tells one teacher's files from another's, whatever their names: a GGUF file, or a folder of the Hub. Any thread. */
public final class TeacherFingerprint {
    private TeacherFingerprint() {}

    /**
     * A digest of all files that decide what the teacher says, as 64 hexadecimal digits.
     *
     * @throws BadInput if there is no such model
     */
    public static String of(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw BadInput.in(path, "there is no such model", "name a GGUF file or a folder with config.json");
        }
        if (!Files.isDirectory(path)) return Sha256.of(path);
        Sha256 all = new Sha256();
        for (Path file : files(path)) {
            String line = file.getFileName() + " " + Sha256.of(file) + "\n";
            all.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return all.hex();
    }

    /**
     * A digest of everything that decides what the teacher says: of its files, and of how its weights are kept, which
     * changes the last digits of what it computes. With weights in 32 bits, which version 0.1 knew alone, it is that of the
     * files.
     *
     * @param files   the digest that {@link #of(Path)} gives
     * @param weights how they are kept in effect
     */
    public static String of(String files, WeightStorage weights) {
        if (weights == WeightStorage.F32) return files;
        Sha256 all = new Sha256();
        all.update((files + " weights as stored\n").getBytes(StandardCharsets.UTF_8));
        return all.hex();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> Files.isRegularFile(file)
                    && file.getFileName().toString().matches(".*\\.(json|jinja|safetensors)")).sorted().toList();
        }
    }
}
