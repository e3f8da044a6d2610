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
 * The folder of an experiment: {@code config.json}, {@code cells/NAME} (a training run each), {@code
 * evaluations/NAME.json}, what the teacher said, and the report. Whatever is whole is kept; the rest is done again. One
 * process at a time, which a lock sees to.
 */
final class ExperimentFolder implements AutoCloseable {
    private static final String CONFIG = "config.json";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private static final String LOCK = "lock";

    private final Path path;
    private final FolderLock lock;

    private ExperimentFolder(Path path) throws IOException {
        this.path = path;
        this.lock = FolderLock.take(path.resolve(LOCK), BadInput.in(path, "another process works on this experiment",
                "wait for it, or use another \"out\""));
    }

    /**
     * Begins an experiment, or goes on with it.
     *
     * @param path new, empty, or of the same experiment
     * @param config everything that decides the results: settings, and digests of files
     * @param free settings that may differ from those of the beginning, for they change no result
     * @param rewriting what an earlier version wrote as config, as this one would write it
     * @throws BadInput if the folder holds something else, or an experiment of other settings, naming the first, or
     *                  another process is at work in it
     */
    public static ExperimentFolder open(Path path, ObjectNode config, Set<String> free,
            UnaryOperator<ObjectNode> rewriting) throws IOException {
        Optional<JsonNode> begun = read(path.resolve(CONFIG));
        if (begun.isPresent()) {
            if (!(begun.get() instanceof ObjectNode settings)) throw noExperiment(path);
            RunConfig.requireSame(path.resolve(CONFIG), rewriting.apply(settings), config, free);
            return new ExperimentFolder(path);
        }
        requireFree(path);
        ExperimentFolder folder = new ExperimentFolder(path);
        folder.write(CONFIG, config);
        return folder;
    }

    private static void requireFree(Path path) throws IOException {
        if (!Files.exists(path)) return;
        if (!Files.isDirectory(path)) throw BadInput.in(path, "is a file, not a folder", "use another \"out\"");
        try (Stream<Path> entries = Files.list(path)) {
            if (entries.anyMatch(entry -> !entry.endsWith(LOCK))) {
                throw noExperiment(path);
            }
        }
    }

    private static BadInput noExperiment(Path path) {
        return BadInput.in(path, "holds something that is no experiment", "use another \"out\"");
    }

    /** The path of a file or folder inside the experiment's folder. */
    public Path resolve(String name) {
        return path.resolve(name);
    }

    /** The folder in which the model of one method and seed is trained. */
    public Path cell(ExperimentSettings.Cell cell) {
        return path.resolve("cells").resolve(cell.name());
    }

    /** Reads what was measured of a model; empty if nothing was, or only of a model with another fingerprint. */
    public Optional<Measurement> measurement(String name, String fingerprint) throws IOException {
        return read(evaluation(name)).map(Measurement::of).filter(found -> found.fingerprint().equals(fingerprint));
    }

    /** Writes what was measured of a model into the folder, so that a resumed experiment need not repeat it. */
    public void keep(String name, Measurement measurement) throws IOException {
        AtomicFile.write(path.resolve(evaluation(name)), new ObjectMapper().writeValueAsBytes(measurement.json()));
    }

    private static String evaluation(String name) {
        return "evaluations/" + name + ".json";
    }

    /**
     * Reads a JSON file of the folder; empty if it is not there.
     *
     * @throws BadInput if it is damaged
     */
    public Optional<JsonNode> read(String name) throws IOException {
        return read(path.resolve(name));
    }

    private static Optional<JsonNode> read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) return Optional.empty();
        try {
            return Optional.of(JSON.readTree(Files.readAllBytes(file)));
        } catch (JsonProcessingException e) {
            throw BadInput.in(file, "is not valid JSON: " + e.getOriginalMessage(), "delete it, and it is made again")
                    .causedBy(e);
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    /** Writes a JSON file of the folder so that it appears whole or not at all. */
    public void write(String name, JsonNode content) throws IOException {
        write(name, JSON.writeValueAsString(content) + "\n");
    }

    /** Writes a text file of the folder so that it appears whole or not at all. */
    public void write(String name, String content) throws IOException {
        AtomicFile.write(path.resolve(name), content.getBytes(StandardCharsets.UTF_8));
    }
}
