package io.retort.learn;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.files.FolderLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The folder of a run: the model itself, once training has ended, and in {@code training/} whatever belongs to the
 * training: effective settings, checkpoints, metrics, the result. One process at a time, which a lock sees to.
 */
public final class RunFolder implements AutoCloseable {
    static final String TRAINING = "training";
    private static final String RESULT = "result.json";
    private static final String LOCK = "lock";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path path;
    private final ObjectNode config;
    private final FolderLock lock;

    private RunFolder(Path path, ObjectNode config) throws IOException {
        this.path = path;
        this.config = RunConfig.normal(config);
        this.lock = FolderLock.take(path.resolve(TRAINING).resolve(LOCK), BadInput.in(path,
                "another process trains in this folder", "wait for it, or use another \"out\""));
    }

    /**
     * Creates the folder of a new run and writes its settings there.
     *
     * @param path   new or empty
     * @param config effective settings by name
     * @throws BadInput if the folder holds something
     */
    public static RunFolder create(Path path, ObjectNode config) throws IOException {
        requireNew(path);
        RunFolder folder = new RunFolder(path, config);
        folder.write(RunConfig.NAME, folder.config);
        return folder;
    }

    /**
     * Refuses a folder in which no run can begin; changes nothing.
     *
     * @throws BadInput if the folder holds something
     */
    public static void requireNew(Path path) throws IOException {
        if (hasRun(path)) {
            throw BadInput.in(path, "holds a training run already",
                    "go on with it by \"resume\", or use another \"out\"");
        }
        requireFree(path);
    }

    private static boolean hasRun(Path path) {
        return Files.exists(RunConfig.file(path));
    }

    private static void requireFree(Path path) throws IOException {
        if (!Files.exists(path)) return;
        if (!Files.isDirectory(path)) throw BadInput.in(path, "is a file, not a folder", "use another \"out\"");
        try (Stream<Path> entries = Files.list(path)) {
            Optional<Path> stranger = entries.filter(entry -> !entry.endsWith(TRAINING)).sorted().findFirst();
            if (stranger.isPresent()) {
                throw BadInput.in(path,
                        "holds " + stranger.get().getFileName() + ", which no training run has put there",
                        "use another \"out\"");
            }
        }
    }

    /**
     * Opens the folder of a run to go on with it, or creates it if there is none yet.
     *
     * @param config effective settings
     * @param free   settings that may differ from those of the beginning, for they change no result
     * @throws BadInput naming the setting if another differs
     */
    public static RunFolder resume(Path path, ObjectNode config, Set<String> free) throws IOException {
        return resume(path, config, free, UnaryOperator.identity());
    }

    /**
     * Opens or creates the folder of a run that an earlier version of Retort may have begun.
     *
     * @param rewriting what that version wrote as effective settings, as this one would write it
     */
    public static RunFolder resume(Path path, ObjectNode config, Set<String> free, UnaryOperator<ObjectNode> rewriting)
            throws IOException {
        requireResumable(path, config, free, rewriting);
        if (!hasRun(path)) return create(path, config);
        return new RunFolder(path, config);
    }

    /**
     * Refuses a folder that {@link #resume} would refuse; changes nothing.
     *
     * @param rewriting what an earlier version wrote as effective settings, as this one would write it
     * @throws BadInput naming the setting if one differs that is not free, or the folder holds something else
     */
    public static void requireResumable(Path path, ObjectNode config, Set<String> free,
            UnaryOperator<ObjectNode> rewriting) throws IOException {
        if (!hasRun(path)) requireFree(path);
        else RunConfig.requireSame(RunConfig.file(path), rewriting.apply(RunConfig.read(path)), config, free);
    }

    /** The path of the run's folder, into which the trained model is written. */
    public Path path() {
        return path;
    }

    /** The effective settings that the run was begun with. */
    ObjectNode config() {
        return config;
    }

    /** The path of the file with a given name in the run's {@code training/} folder. */
    Path file(String name) {
        return path.resolve(TRAINING).resolve(name);
    }

    /** The files in {@code training/} whose names have the given prefix and suffix, sorted by name. */
    List<Path> files(String prefix, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(path.resolve(TRAINING))) {
            return files.filter(file -> {
                String name = file.getFileName().toString();
                return name.startsWith(prefix) && name.endsWith(suffix);
            }).sorted().toList();
        }
    }

    /** How the run ended; empty while it has not. */
    Optional<TrainingResult> result() throws IOException {
        if (!Files.isRegularFile(file(RESULT))) return Optional.empty();
        return Optional.of(TrainingResult.of(JSON.readTree(Files.readAllBytes(file(RESULT))), path));
    }

    /** Records in the folder that, and how, the run has ended. */
    void end(TrainingResult result) throws IOException {
        write(RESULT, result.json());
    }

    private void write(String name, ObjectNode content) throws IOException {
        AtomicFile.write(file(name), (JSON.writeValueAsString(content) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
