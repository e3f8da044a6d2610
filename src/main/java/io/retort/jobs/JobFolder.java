package io.retort.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.files.FolderLock;
import io.retort.learn.RunConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The folder of a job that has several steps: {@code config.json}, by which it knows the settings it was begun with, and
 * files that appear whole or not at all. One process at a time, which a lock sees to.
 */
final class JobFolder implements AutoCloseable {
    static final String CONFIG = "config.json";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String LOCK = "lock";

    private final Path path;
    private final FolderLock lock;

    private JobFolder(Path path, String kind) throws IOException {
        this.path = path;
        this.lock = FolderLock.take(path.resolve(LOCK), BadInput.in(path, "another process works on this " + kind,
                "wait for it, or use another \"out\""));
    }

    /**
     * Begins a job, or goes on with it.
     *
     * @param path      new, empty, or of the same job
     * @param kind      what the job makes, in a word, for messages
     * @param config    everything that decides the results: settings, and digests of files
     * @param free      settings that may differ from those of the beginning, for they change no result
     * @param rewriting what an earlier version wrote as config, as this one would write it
     * @throws BadInput if the folder holds something else, or a job of other settings, naming the first, or another
     *                  process is at work in it
     */
    static JobFolder open(Path path, String kind, ObjectNode config, Set<String> free,
            UnaryOperator<ObjectNode> rewriting) throws IOException {
        Optional<JsonNode> begun = read(path.resolve(CONFIG));
        if (begun.isPresent()) {
            if (!(begun.get() instanceof ObjectNode settings)) throw another(path, kind);
            RunConfig.requireSame(path.resolve(CONFIG), rewriting.apply(settings), config, free);
            return new JobFolder(path, kind);
        }
        requireFree(path, kind);
        JobFolder folder = new JobFolder(path, kind);
        folder.write(CONFIG, config);
        return folder;
    }

    private static void requireFree(Path path, String kind) throws IOException {
        if (!Files.exists(path)) return;
        if (!Files.isDirectory(path)) throw BadInput.in(path, "is a file, not a folder", "use another \"out\"");
        try (Stream<Path> entries = Files.list(path)) {
            if (entries.anyMatch(entry -> !entry.endsWith(LOCK))) throw another(path, kind);
        }
    }

    private static BadInput another(Path path, String kind) {
        return BadInput.in(path, "holds something that is no " + kind, "use another \"out\"");
    }

    /** The path of a file or folder inside the job's folder. */
    Path resolve(String name) {
        return path.resolve(name);
    }

    /**
     * Reads a JSON file of the folder; empty if it is not there.
     *
     * @throws BadInput if it is damaged
     */
    Optional<JsonNode> read(String name) throws IOException {
        return read(path.resolve(name));
    }

    static Optional<JsonNode> read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) return Optional.empty();
        try {
            return Optional.of(JSON.readTree(Files.readAllBytes(file)));
        } catch (JsonProcessingException e) {
            throw BadInput.in(file, "is not valid JSON: " + e.getOriginalMessage(), "delete it, and it is made again")
                    .causedBy(e);
        }
    }

    /** Writes a JSON file of the folder so that it appears whole or not at all. */
    void write(String name, JsonNode content) throws IOException {
        write(name, JSON.writeValueAsString(content) + "\n");
    }

    /** Writes a text file of the folder so that it appears whole or not at all. */
    void write(String name, String content) throws IOException {
        AtomicFile.write(path.resolve(name), content.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
