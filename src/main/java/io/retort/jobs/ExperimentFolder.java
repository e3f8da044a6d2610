package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The folder of an experiment: {@code config.json}, {@code cells/NAME} (a training run each), {@code
 * evaluations/NAME.json}, what the teacher said, and the report. Whatever is whole is kept; the rest is done again.
 */
final class ExperimentFolder implements AutoCloseable {
    private final JobFolder folder;

    private ExperimentFolder(JobFolder folder) {
        this.folder = folder;
    }

    /**
     * Begins an experiment, or goes on with it.
     *
     * @param path      new, empty, or of the same experiment
     * @param config    everything that decides the results: settings, and digests of files
     * @param free      settings that may differ from those of the beginning, for they change no result
     * @param rewriting what an earlier version wrote as config, as this one would write it
     * @throws BadInput if the folder holds something else, or an experiment of other settings, naming the first, or
     *                  another process is at work in it
     */
    public static ExperimentFolder open(Path path, ObjectNode config, Set<String> free,
            UnaryOperator<ObjectNode> rewriting) throws IOException {
        return new ExperimentFolder(JobFolder.open(path, "experiment", config, free, rewriting));
    }

    /** The path of a file or folder inside the experiment's folder. */
    public Path resolve(String name) {
        return folder.resolve(name);
    }

    /** The folder in which the model of one method and seed is trained. */
    public Path cell(ExperimentSettings.Cell cell) {
        return folder.resolve("cells").resolve(cell.name());
    }

    /** Reads what was measured of a model; empty if nothing was, or only of a model with another fingerprint. */
    public Optional<Measurement> measurement(String name, String fingerprint) throws IOException {
        return read(evaluation(name)).map(Measurement::of).filter(found -> found.fingerprint().equals(fingerprint));
    }

    /** Writes what was measured of a model into the folder, so that a resumed experiment need not repeat it. */
    public void keep(String name, Measurement measurement) throws IOException {
        AtomicFile.write(folder.resolve(evaluation(name)), new ObjectMapper().writeValueAsBytes(measurement.json()));
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
        return folder.read(name);
    }

    /** Writes a JSON file of the folder so that it appears whole or not at all. */
    public void write(String name, JsonNode content) throws IOException {
        folder.write(name, content);
    }

    /** Writes a text file of the folder so that it appears whole or not at all. */
    public void write(String name, String content) throws IOException {
        folder.write(name, content);
    }

    @Override
    public void close() throws IOException {
        folder.close();
    }
}
